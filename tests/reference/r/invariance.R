# Differential item functioning by ordinal logistic regression (MASS), and by a categorical factor
# model of two groups in which one item at a time is set free (lavaan).
source("common.R"); suppressMessages({library(MASS); library(lavaan)})
d <- read("dif"); items <- paste0("q", 1:6); n <- nrow(d)
score <- rowSums(d[items]); z <- (score - mean(score)) / sqrt(mean((score - mean(score))^2))
for (i in items) {
  y <- factor(d[[i]]); control <- list(reltol = 1e-14, maxit = 1000)
  m0 <- polr(y ~ 1); m1 <- polr(y ~ z, control = control)
  m2 <- polr(y ~ z + group, data = d, control = control); m3 <- polr(y ~ z * group, data = d, control = control)
  l <- sapply(list(m0, m1, m2, m3), function(m) as.numeric(logLik(m)))
  r2 <- (1 - exp(2 * (l[1] - l) / n)) / (1 - exp(2 * l[1] / n))
  keep(paste0(i, ".loglik"), l[2:4]); keep(paste0(i, ".effect"), r2[4] - r2[2])
  keep(paste0(i, ".uniform"), r2[3] - r2[2]); keep(paste0(i, ".p"), pchisq(2 * (l[4] - l[2]), 2, lower.tail = FALSE))
}
model <- paste("f =~", paste(items, collapse = " + "))
equal <- cfa(model, d, ordered = items, group = "group", std.lv = TRUE, group.equal = c("loadings", "thresholds"))
for (i in items) {
  free <- cfa(model, d, ordered = items, group = "group", std.lv = TRUE, group.equal = c("loadings", "thresholds"),
              group.partial = c(paste0("f=~", i), paste0(i, "|t", 1:4)))
  keep(paste0(i, ".lavaan_p"), lavTestLRT(equal, free)[2, "Pr(>Chisq)"])
}
finish("invariance", c("MASS", "lavaan"))
