# Shared by the scripts beside it: read data, keep results, write them with versions.
options(digits = 17, warn = 1)
results <- list()
keep <- function(name, value) results[[name]] <<- unname(as.numeric(value))
read <- function(name) read.csv(file.path("..", "data", paste0(name, ".csv")), stringsAsFactors = TRUE)
finish <- function(family, packages) {
  versions <- c(R = paste(R.version$major, R.version$minor, sep = "."))
  for (p in packages) versions[p] <- as.character(packageVersion(p))
  out <- list(versions = as.list(versions), results = results)
  writeLines(jsonlite::toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE, na = "null"),
             file.path("..", "output", paste0(family, ".json")))
}
