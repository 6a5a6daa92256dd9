# CR2 of clubSandwich with weights, and over two schools where people moved, written out from it.
source("common.R"); suppressMessages(library(clubSandwich))
put <- function(key, m, cluster, term = 1) {
  t <- coef_test(m, vcov = "CR2", cluster = cluster, test = "Satterthwaite")
  keep(paste0(key, ".estimate"), t$beta[term]); keep(paste0(key, ".se"), t$SE[term]); keep(paste0(key, ".df"), t$df_Satt[term])
}
# The inverse square root of a cluster's working covariance of residuals: CR2 by its definition.
parts <- function(x, w, cluster, along) {
  n <- nrow(x); k <- solve(t(x) %*% (w * x)); m <- diag(n) - x %*% k %*% t(w * x)
  cluster <- factor(cluster)
  sapply(levels(cluster), function(g) {
    rows <- which(cluster == g); own <- m[rows, , drop = FALSE]; e <- eigen(own %*% t(own), symmetric = TRUE)
    keep <- e$values > 1e-10; v <- e$vectors[, keep, drop = FALSE]
    a <- v %*% (t(v) / sqrt(e$values[keep]))
    as.vector(t(own) %*% (a %*% (w[rows] * (x[rows, , drop = FALSE] %*% (k %*% along)))))
  })
}
two_way <- function(key, y, x, first, last, along, w = rep(1, length(y))) {
  p <- cbind(parts(x, w, first, along), parts(x, w, last, along), parts(x, w, paste(first, last), along))
  s <- rep(c(1, 1, -1), c(length(unique(first)), length(unique(last)), length(unique(paste(first, last)))))
  gram <- t(p) %*% p
  keep(paste0(key, ".se"), sqrt(sum(s * (t(p) %*% y)^2)))
  keep(paste0(key, ".df"), sum(s * diag(gram))^2 / as.numeric(s %*% gram^2 %*% s))
}
for (name in c("schools", "few_schools")) {
  d <- read(name); d$change <- d$followup - d$baseline; d$p <- as.numeric(d$phase == "primary"); n <- nrow(d)
  put(paste0(name, ".weighted"), lm(followup ~ 1, d, weights = baseline), d$school)
  put(paste0(name, ".weighted_phase"), lm(followup ~ p, d, weights = baseline), d$school, 2)
  # Every fourth person went on to the next school of the list.
  first <- as.integer(d$school); g <- max(first); moved <- seq_len(n) %% 4 == 0
  last <- ifelse(moved, first %% g + 1, first)
  one <- matrix(1, n, 1)
  keep(paste0(name, ".own_se"), sqrt(sum((t(parts(one, rep(1, n), first, 1)) %*% d$change)^2)))
  two_way(paste0(name, ".moved"), d$change, one, first, last, 1)
  two_way(paste0(name, ".moved_phase"), d$change, cbind(1, d$p), first, last, c(0, 1))
  two_way(paste0(name, ".moved_weighted"), d$change, one, first, last, 1, d$baseline)
}
# A ratio over schools: rates weighted by their base, which they vary against, by clubSandwich;
# and the difference of two such ratios of the same schools.
d <- read("schools"); s <- aggregate(cbind(baseline, followup) ~ school, d, sum); s$n <- as.numeric(table(d$school)[s$school])
s$m <- s$n + seq_len(nrow(s)) %% 3
by <- function(m, cluster, term, key) {
  v <- vcovCR(m, cluster = cluster, type = "CR2", inverse_var = TRUE); t <- coef_test(m, vcov = v, test = "Satterthwaite")
  keep(paste0(key, ".estimate"), t$beta[term]); keep(paste0(key, ".se"), t$SE[term]); keep(paste0(key, ".df"), t$df_Satt[term])
}
by(lm(followup / n ~ 1, s, weights = n), s$school, 1, "ratio")
l <- data.frame(school = rep(s$school, 2), y = c(s$baseline / s$n, s$followup / s$m), w = c(s$n, s$m), late = rep(0:1, each = nrow(s)))
by(lm(y ~ late, l, weights = w), l$school, 2, "ratio_change")
finish("moved", "clubSandwich")
