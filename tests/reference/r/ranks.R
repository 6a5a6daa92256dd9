source("common.R"); suppressMessages(library(sandwich))
# Ranks that pairwise tests over schools, corrected by Holm, leave possible.
d <- read("ranked"); cols <- paste0("s", 1:6); k <- length(cols); g <- length(unique(d$school))
p <- gap <- matrix(0, k, k)
for (i in 1:(k - 1)) for (j in (i + 1):k) {
  m <- lm(I(d[[cols[i]]] - d[[cols[j]]]) ~ 1)
  t <- coef(m) / sqrt(vcovCL(m, cluster = d$school, type = "HC0", cadjust = TRUE)[1, 1])
  p[i, j] <- 2 * pt(-abs(t), g - 1); gap[i, j] <- coef(m)
}
u <- upper.tri(p); p[u] <- p.adjust(p[u], "holm"); wins <- matrix(FALSE, k, k)
wins[u] <- p[u] < .05 & gap[u] > 0; lost <- matrix(FALSE, k, k); lost[u] <- p[u] < .05 & gap[u] < 0
wins <- wins | t(lost)
keep("means", colMeans(d[cols])); keep("p", p[u])
keep("low", 1 + colSums(wins)); keep("high", k - rowSums(wins))
finish("ranks", "sandwich")
