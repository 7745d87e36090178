import TestSupport
import Testing

@Suite struct CSVLoggerTests {
    @Test func `rows are written as luz writes them`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        #expect(
            session.out(
                "cb <- luz_callback_csv_logger(\"log.csv\"); for (i in 1:2) invisible(fit_losses(c(1, NaN), c(3, 2.4), callbacks = list(cb), verbose = FALSE))"
            ) == "")
        let rows = "1,\"train\",1\n1,\"valid\",3\n2,\"train\",NA\n2,\"valid\",2.40000009536743\n"
        #expect(textOfFile(session.folder + "/log.csv") == "\"epoch\",\"set\",\"loss\"\n" + rows + rows)
        // A new logger starts the file anew.
        _ = session.run(
            "invisible(fit_losses(1, callbacks = list(luz_callback_csv_logger(\"log.csv\")), verbose = FALSE, use_valid = FALSE))"
        )
        #expect(textOfFile(session.folder + "/log.csv") == "\"epoch\",\"set\",\"loss\"\n1,\"train\",1\n")
    }

    @Test(arguments: [
        ("0.5", "0.5"), ("1e-5", "1e-05"), ("1e5", "1e+05"), ("123456.78912345678", "123456.789123457"), ("Inf", "Inf"),
        ("1/3", "0.333333333333333"), ("2L", "2"), ("NaN", "NA"),
    ])
    func `numbers have 15 digits`(_ value: String, _ text: String) {
        let session = TrainingSession(options: TrainingSession.scripted)
        _ = session.run(
            """
            m <- luz_metric("m", abbrev = "Fix", initialize = function() {}, update = function(preds, target) {}, compute = function() \(value))
            invisible(fit_losses(0.5, callbacks = list(luz_callback_csv_logger("log.csv")), metrics = m(), verbose = FALSE, use_valid = FALSE))
            """)
        #expect(
            textOfFile(session.folder + "/log.csv") == "\"epoch\",\"set\",\"loss\",\"fix\"\n1,\"train\",0.5,\(text)\n")
    }

    @Test func `lists have a column each, phases without a metric have NA`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        let code = """
            m <- luz_metric("m", abbrev = "Both", initialize = function() {}, update = function(preds, target) {}, compute = function() list(a = 1, b = 2.5))
            invisible(fit_losses(1, callbacks = list(luz_callback_csv_logger("log.csv")), metrics = luz_metric_set(train_metrics = m()), verbose = FALSE))
            """
        #expect(session.out(code) == "")
        #expect(
            textOfFile(session.folder + "/log.csv")
                == "\"epoch\",\"set\",\"loss\",\"both.a\",\"both.b\"\n1,\"train\",1,1,2.5\n1,\"valid\",1,NA,NA\n")
        #expect(
            session.run("options(workbench.as_published = TRUE)\n" + code).error.contains(
                "numbers of columns of arguments do not match"))
    }

    @Test func `a folder that is not there is an error`() {
        let session = TrainingSession(options: TrainingSession.scripted)
        let error = session.run(
            "fit_losses(1, callbacks = list(luz_callback_csv_logger(\"no-such-dir/b.csv\")), verbose = FALSE)"
        ).error
        #expect(error.contains("cannot open the connection"), "\(error)")
        #expect(error.contains("No such file or directory"), "\(error)")
    }
}
