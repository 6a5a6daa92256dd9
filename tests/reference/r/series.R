# Segmented regression around a start, with a level for each school in each term of the year.
# Everything times the root of its weight, so that the working model is that rates of larger schools
# vary less; vcovCR with weights takes another root of it, and its errors differ by about 1 %.
source("common.R"); suppressMessages(library(clubSandwich))
d <- read("series"); d$root <- sqrt(d$denominator); d$y <- d$root * d$numerator / d$denominator
d$cell <- interaction(d$school, d$season, drop = TRUE)
d$after <- as.numeric(d$years >= 0); d$since <- d$years * d$after
fit <- function(key, terms, d) {
  x <- cbind(model.matrix(~ 0 + droplevels(d$cell)), as.matrix(d[terms])) * d$root
  m <- lm(d$y ~ 0 + x)
  t <- coef_test(m, vcov = "CR2", cluster = d$school, test = "Satterthwaite")
  t <- t[tail(seq_len(nrow(t)), length(terms)), ]
  for (i in seq_along(terms)) {
    keep(paste0(key, ".", terms[i], ".estimate"), t$beta[i]); keep(paste0(key, ".", terms[i], ".se"), t$SE[i])
    keep(paste0(key, ".", terms[i], ".df"), t$df_Satt[i]); keep(paste0(key, ".", terms[i], ".p"), t$p_Satt[i])
  }
}
fit("whole", c("years", "after", "since"), d)
# One year on either side: no trend can be told from the step.
fit("year", "after", d[d$years > -1.1 & d$years < 1.1, ])
finish("series", "clubSandwich")
