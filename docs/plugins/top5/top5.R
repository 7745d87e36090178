# Top-5 accuracy: the right class is among the five with the highest scores.

#' Share of items whose class is among the k with the highest scores
#'
#' @param k whole number from 1: how many scores count
#' @return a metric for `setup(metrics = )`; its name in records is `top5` for k = 5
luz_metric_top_k <- luz_metric(
  "luz_metric_top_k",
  abbrev = "Top5",
  initialize = function(k = 5) {
    self$k <- k
    self$abbrev <- paste0("Top", k)
    self$right <- 0
    self$total <- 0
  },
  update = function(preds, target) {
    if (preds$dim() != 2) stop("luz_metric_top_k() takes scores [N, K], not a tensor of ", preds$dim(), " dimensions")
    k <- min(self$k, dim(preds)[2])
    best <- torch_topk(preds, k, dim = 2)[[2]]
    self$right <- self$right + (best == target$unsqueeze(2))$sum()$item()
    self$total <- self$total + dim(preds)[1]
  },
  compute = function() self$right / self$total
)
