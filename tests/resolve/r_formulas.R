# Rscript r_formulas.R < formulas: a case of r_formulas.json for each line, of that file's data.
suppressMessages({library(dplyr); library(forcats); library(splines)})
oracle <- jsonlite::fromJSON("r_formulas.json", simplifyMatrix = FALSE)
data <- oracle$data
for (name in names(oracle$levels)) data[[name]] <- factor(data[[name]], oracle$levels[[name]], ordered = name == "o")
for (text in readLines("stdin")) {
  f <- as.formula(text)
  X <- model.matrix(f, data)
  case <- list(
    formula = jsonlite::unbox(text), terms = I(attr(terms(f), "term.labels")), columns = I(colnames(X)),
    sums = I(round(unname(colSums(X * seq_len(nrow(X)))), 9))
  )
  cat(jsonlite::toJSON(case, digits = NA), "\n", sep = "")
}
