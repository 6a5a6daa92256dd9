source("common.R")
# A school beside the others, and its mean drawn towards theirs, by integration over the spread.
d <- read("schools"); y <- d$followup; s <- as.character(d$school); names <- sort(unique(s))
n <- as.numeric(table(s)[names]); m <- as.numeric(tapply(y, s, mean)[names])
ss <- as.numeric(tapply(y, s, function(x) sum((x - mean(x))^2))[names]); k <- length(n)
sigma2 <- sum(ss) / (sum(n) - k); seen <- sqrt(var(m) + sigma2 / max(n))
restricted <- function(tau) {
  v <- sigma2 / n + tau^2; mu <- sum(m / v) / sum(1 / v)
  exp(-.5 * (sum(log(v)) + log(sum(1 / v)) + sum((m - mu)^2 / v)))
}
of <- function(f) integrate(Vectorize(function(t) restricted(t) * t * f(t)), 0, 6 * seen, rel.tol = 1e-10)$value
for (i in c(1, 4, k)) {
  o <- -i; no <- sum(n[o]); level <- sum(n[o] * m[o]) / no
  v1 <- ss[i] / (n[i] - 1) / n[i]; vo <- sum(ss[o]) / (no - k + 1) / no
  df <- (v1 + vo)^2 / (v1^2 / (n[i] - 1) + vo^2 / (no - k + 1)); q <- qt(.975, df) * sqrt(v1 + vo)
  keep(paste0("difference", i), c(m[i] - level + c(0, -q, q), df))
  a <- function(t) t^2 * (1 + sum((n[o] / no)^2)) + sigma2 / no; v <- sigma2 / n[i]
  w <- of(function(t) a(t) / (a(t) + v)) / of(function(t) 1)
  w2 <- of(function(t) (a(t) / (a(t) + v))^2) / of(function(t) 1)
  x <- level + w * (m[i] - level); e <- v * w + (w2 - w^2) * (m[i] - level)^2
  h <- qt(.975, sum(n) - k) * sqrt(e)
  keep(paste0("shrunken", i), c(x, x - h, x + h, 100 * w))
}
# Two schools: Welch's test.
two <- s %in% names[1:2]; w <- t.test(y[two] ~ s[two])
keep("welch", c(w$estimate[1] - w$estimate[2], w$conf.int, w$p.value, w$parameter))
finish("beside", character())
