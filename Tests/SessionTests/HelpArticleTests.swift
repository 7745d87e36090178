import TestSupport
import Testing

@testable import Shell

/// Pages about matters: `?saving`.
@Suite struct HelpArticleTests {
    private func help(_ code: String) -> String {
        let run = runProgram("options(width = 80)\n" + code)
        return run.out + run.error
    }

    @Test func `the page says of everything that saves what for, what it holds, who reads it`() {
        let page = help("?saving")
        #expect(page.hasPrefix("What saves what: models, fits, values, sessions\n"))
        #expect(
            page.contains(
                """

                luz_save(fitted, "f.luz"), luz_load()
                  for           one fitted model with its code
                  holds         model, weights, records, what continues the fit
                  who reads it  the workbench

                """), "\(page)")
        for line in page.split(separator: "\n") { #expect(line.unicodeScalars.count <= 80, "\(line)") }
        #expect(help("help(\"saving\")") == page)
    }

    @Test func `docs/sessions.md has the same table`() throws {
        let document = try #require(textOfFile(packageRoot + "/docs/sessions.md"))
        #expect(document.contains("\n\n" + HelpArticle.saving.markdown + "\n"), "\(HelpArticle.saving.markdown)")
    }

    @Test(arguments: [
        "luz_save", "luz_load", "save_session", "restore_session", "torch_save", "torch_load", "saveRDS", "save.image",
        "luz_save_model_weights", "luz_callback_model_checkpoint", "recover_fit", "runs", "record",
    ])
    func `every function in it points there`(_ name: String) {
        let page = help("?\(name)")
        #expect(page.hasPrefix(name + " "), "\(page)")
        #expect(page.contains("\n?saving: what saves what: models, fits, values, sessions\n"), "\(page)")
    }

    @Test func `functions it names are there`() {
        for row in HelpArticle.saving.rows {
            for name in row.functions {
                #expect(help("library(torch); library(luz); cat(is.function(\(name)))") == "TRUE", "\(name)")
            }
        }
    }

    @Test func `other functions do not, and a function of the name goes first`() {
        #expect(!help("?mean").contains("?saving"))
        #expect(help("saving <- function(x) x; ?saving").contains("a function written in R"))
        #expect(help("saving <- 1; ?saving").hasPrefix("What saves what"))
        #expect(help("?savings").contains("No help for 'savings'; did you mean `saving`?"))
    }
}
