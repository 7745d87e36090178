/// A moment of training at which callbacks are called: luz's 25 hooks, in the order of a fit.
public enum TrainingEvent: String, CaseIterable, Sendable {
    /// Once, before the first epoch.
    case fitBegin = "on_fit_begin"
    /// Before each epoch.
    case epochBegin = "on_epoch_begin"
    /// Before the training batches of an epoch.
    case trainBegin = "on_train_begin"
    /// Before each training batch; input and target are set.
    case trainBatchBegin = "on_train_batch_begin"
    /// The model has computed its output.
    case trainBatchAfterPred = "on_train_batch_after_pred"
    /// The loss is known.
    case trainBatchAfterLoss = "on_train_batch_after_loss"
    /// Before gradients are computed.
    case trainBatchBeforeBackward = "on_train_batch_before_backward"
    /// Gradients are known.
    case trainBatchBeforeStep = "on_train_batch_before_step"
    /// The optimizer has moved the weights; gradients are zero again.
    case trainBatchAfterStep = "on_train_batch_after_step"
    /// After each training batch.
    case trainBatchEnd = "on_train_batch_end"
    /// After the training batches of an epoch.
    case trainEnd = "on_train_end"
    /// Before the validation batches of an epoch.
    case validBegin = "on_valid_begin"
    /// Before each validation batch.
    case validBatchBegin = "on_valid_batch_begin"
    /// The model has computed its output.
    case validBatchAfterPred = "on_valid_batch_after_pred"
    /// The loss is known.
    case validBatchAfterLoss = "on_valid_batch_after_loss"
    /// After each validation batch.
    case validBatchEnd = "on_valid_batch_end"
    /// After the validation batches of an epoch.
    case validEnd = "on_valid_end"
    /// After each epoch.
    case epochEnd = "on_epoch_end"
    /// Once, after the last epoch, also after an early stop or Ctrl-C.
    case fitEnd = "on_fit_end"
    /// Before a prediction.
    case predictBegin = "on_predict_begin"
    /// Before each batch of a prediction.
    case predictBatchBegin = "on_predict_batch_begin"
    /// After each batch of a prediction.
    case predictBatchEnd = "on_predict_batch_end"
    /// After a prediction.
    case predictEnd = "on_predict_end"
    /// Ctrl-C ended the fit.
    case interrupt = "on_interrupt"
    /// A callback asked to stop.
    case earlyStopping = "on_early_stopping"

    /// The R name as a symbol.
    public var symbol: Symbol { Symbol.named(rawValue) }
}
