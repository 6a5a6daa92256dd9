source("common.R"); suppressMessages(library(effectsize))
for (name in c("schools", "ties")) {
  d <- read(name)
  b <- if (name == "ties") d$before else d$baseline; f <- if (name == "ties") d$after else d$followup
  t <- t.test(f, b, paired = TRUE)
  keep(paste0(name, ".t"), t$statistic); keep(paste0(name, ".p"), t$p.value)
  w <- suppressWarnings(wilcox.test(f, b, paired = TRUE, exact = FALSE, correct = TRUE))
  keep(paste0(name, ".wilcoxon"), w$p.value)
  z <- cohens_d(f, b, paired = TRUE)
  keep(paste0(name, ".d_z"), z$Cohens_d); keep(paste0(name, ".d_z_low"), z$CI_low); keep(paste0(name, ".d_z_high"), z$CI_high)
  n <- length(f); sd_av <- sqrt((var(f) + var(b)) / 2)
  ncp <- function(q) uniroot(function(x) pt(t$statistic, n - 1, x) - q, c(-40, 40), tol = 1e-12)$root
  scale <- sd(f - b) / sd_av / sqrt(n)
  keep(paste0(name, ".d_av"), mean(f - b) / sd_av)
  keep(paste0(name, ".d_av_low"), ncp(.975) * scale); keep(paste0(name, ".d_av_high"), ncp(.025) * scale)
  keep(paste0(name, ".shapiro"), shapiro.test(f - b)$p.value)
  low <- t.test(f - b, mu = -.2, alternative = "greater")$p.value
  high <- t.test(f - b, mu = .2, alternative = "less")$p.value
  keep(paste0(name, ".tost"), max(low, high))
}
p <- c(.0029, .0095, .039, .07, .11, .129, .214, .803, .964)
keep("holm", p.adjust(p, "holm")); keep("bh", p.adjust(p, "BH"))
finish("effects", "effectsize")
