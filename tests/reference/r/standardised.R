source("common.R"); suppressMessages(library(clubSandwich))
# Hedges' g over the pooled SD of both waves, or of both groups at follow-up; ends from CR2.
d <- read("schools"); j <- function(df) exp(lgamma(df / 2) - log(sqrt(df / 2)) - lgamma((df - 1) / 2))
g <- function(key, m, term, a, b) {
  df <- length(a) + length(b) - 2; pooled <- sqrt(((length(a) - 1) * var(a) + (length(b) - 1) * var(b)) / df); scale <- j(df) / pooled
  i <- conf_int(m, vcov = "CR2", cluster = d$school)[term, ]
  keep(paste0("g.", key), c(i$beta, i$CI_L, i$CI_U) * scale)
}
one <- d$phase == "primary"
g("change", lm(followup - baseline ~ 1, d), 1, d$followup, d$baseline)
g("phases", lm(followup ~ one, d), 2, d$followup[one], d$followup[!one])
g("phases_change", lm(followup - baseline ~ one, d), 2, d$followup[one], d$followup[!one])
finish("standardised", "clubSandwich")
