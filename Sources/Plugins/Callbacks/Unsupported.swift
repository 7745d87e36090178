import Diagnostics
import PluginAPI

/// Callbacks of luz that are not there: each says so when it is made, and what to use instead.
func registerUnsupported(_ luz: Namespace) {
    luz.function(
        "luz_callback_mixed_precision", [.dots], help: "Half precision on a GPU; only enabled = FALSE works on a CPU"
    ) { args in
        let enabled = args.dots.first { $0.name?.name == "enabled" }?.value
        if let enabled, try enabled.asLogicals().elements.first == false {
            return .object(SettingsCallback(["mixed_precision_callback"]))
        }
        throw WorkbenchError(
            .unsupported,
            "luz_callback_mixed_precision() needs a GPU, and the workbench computes on the CPU in single precision",
            hint: "leave it out; the numbers are those of full precision")
    }
    luz.function(
        "luz_callback_tfevents", [.value("logdir", "logs"), .value("histograms", false), .dots],
        help: "Not there: luz_callback_csv_logger() writes the metrics"
    ) { _ in
        throw WorkbenchError(
            .unsupported, "luz_callback_tfevents() is not supported: TensorBoard files are not written",
            hint: "luz_callback_csv_logger(\"logs.csv\") writes the same metrics")
    }
}
