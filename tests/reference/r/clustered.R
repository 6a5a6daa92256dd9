source("common.R"); suppressMessages(library(clubSandwich))
for (name in c("schools", "few_schools")) {
  d <- read(name); d$change <- d$followup - d$baseline; d$p <- as.numeric(d$phase == "primary")
  put <- function(key, m, term) {
    t <- coef_test(m, vcov = "CR2", cluster = d$school, test = "Satterthwaite")
    i <- conf_int(m, vcov = "CR2", cluster = d$school, test = "Satterthwaite")
    r <- which(rownames(t) == term)
    keep(paste(name, key, "estimate", sep = "."), t$beta[r]); keep(paste(name, key, "se", sep = "."), t$SE[r])
    keep(paste(name, key, "df", sep = "."), t$df_Satt[r]); keep(paste(name, key, "p", sep = "."), t$p_Satt[r])
    keep(paste(name, key, "low", sep = "."), i$CI_L[r]); keep(paste(name, key, "high", sep = "."), i$CI_U[r])
  }
  put("mean", lm(change ~ 1, d), "(Intercept)")
  put("phase", lm(change ~ p, d), "p")
  put("ancova", lm(followup ~ baseline + p, d), "p")
  m <- lm(change ~ 1, d); k <- nlevels(d$school); n <- nrow(d)
  means <- tapply(d$change, d$school, mean); t <- t.test(means)
  keep(paste0(name, ".each.estimate"), t$estimate); keep(paste0(name, ".each.low"), t$conf.int[1])
  keep(paste0(name, ".each.high"), t$conf.int[2]); keep(paste0(name, ".each.p"), t$p.value)
  a <- anova(lm(change ~ school, d)); f <- a$`F value`[1]; sizes <- table(d$school)
  n0 <- (n - sum(sizes^2) / n) / (k - 1); icc <- function(x) (x - 1) / (x - 1 + n0)
  keep(paste0(name, ".icc"), icc(f)); keep(paste0(name, ".icc_low"), icc(f / qf(.975, k - 1, n - k)))
  keep(paste0(name, ".icc_high"), icc(f / qf(.025, k - 1, n - k)))
}
finish("clustered", c("clubSandwich"))
