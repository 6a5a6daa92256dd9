source("common.R"); suppressMessages(library(clubSandwich))
# Ranks that pairwise tests over schools, corrected by Holm, leave possible.
d <- read("ranked"); cols <- paste0("s", 1:6); k <- length(cols); g <- length(unique(d$school))
p <- gap <- matrix(0, k, k)
for (i in 1:(k - 1)) for (j in (i + 1):k) {
  m <- lm(I(d[[cols[i]]] - d[[cols[j]]]) ~ 1)
  t <- coef_test(m, vcov = "CR2", cluster = d$school, test = "Satterthwaite")
  p[i, j] <- t$p_Satt; gap[i, j] <- coef(m)
}
u <- upper.tri(p); p[u] <- p.adjust(p[u], "holm"); wins <- matrix(FALSE, k, k)
wins[u] <- p[u] < .05 & gap[u] > 0; lost <- matrix(FALSE, k, k); lost[u] <- p[u] < .05 & gap[u] < 0
wins <- wins | t(lost)
# Means of different people: all answers at once, with a term for each mean.
e <- d[cols]; e$s1[seq(1, nrow(d), 3)] <- NA; e$s2[d$school == d$school[1]] <- NA
long <- data.frame(y = unlist(e), item = rep(cols, each = nrow(d)), school = rep(d$school, k))
long <- long[!is.na(long$y), ]; m <- lm(y ~ 0 + item, long); v <- vcovCR(m, cluster = long$school, type = "CR2")
contrasts <- list(c(1, -1, 0, 0, 0, 0), c(0, 1, 0, 0, 0, -1))
for (i in 1:2) { t <- linear_contrast(m, vcov = v, contrasts = matrix(contrasts[[i]], 1), test = "Satterthwaite")
  keep(paste0("missing", i, ".se"), t$SE); keep(paste0("missing", i, ".df"), t$df) }
keep("means", colMeans(d[cols])); keep("p", p[u])
keep("low", 1 + colSums(wins)); keep("high", k - rowSums(wins))
finish("ranks", "clubSandwich")
