import Glibc
import PluginAPI
import Session
import TestSupport
import Testing

@testable import Shell

@Suite struct CompleterTests {
    private func labels(_ typed: String, after program: String = "", in folder: String? = nil) -> [String] {
        let session = makeSession(workingDirectory: folder)
        return session.onDeepStack {
            _ = session.run(program)
            return Completer(context: session.context, deadline: Deadline(milliseconds: 10_000))
                .candidates(CompletionPoint(typed)).map { $0.label + "|" + $0.kind }
        }
    }

    private func edit(_ typed: String, after program: String = "", in folder: String? = nil) -> CompletionEdit {
        let session = makeSession(workingDirectory: folder)
        return session.onDeepStack {
            _ = session.run(program)
            return Completer(context: session.context, deadline: Deadline(milliseconds: 10_000)).edit(typed)
        }
    }

    @Test func `variables and functions, with their kind`() {
        #expect(
            labels("zz_", after: "zz_b <- 1; zz_a <- function() 1; zz_c <- 'x'")
                == ["zz_a|function", "zz_b|double", "zz_c|character"])
    }

    @Test func `library() takes packages and plug-ins`() {
        #expect(labels("library(torchv") == ["torchvision|namespace"])
        #expect(labels("library(lu", after: "lung <- 1") == ["luz|namespace"])
        #expect(edit("require( torchd") == CompletionEdit(insert: "atasets"))
        #expect(labels("library(luz, warn.c") == ["warn.conflicts = |argument"])
        #expect(labels("library(help = lu", after: "lung <- 1").contains("lung|double"))
    }

    @Test func `arguments come first, without those given`() {
        let program = "zz_f <- function(alpha, beta = c(1, 2), ...) 1; beta_max <- 1"
        #expect(labels("zz_f(alpha = 1, bet", after: program).first == "beta = c(1, 2)|argument")
        #expect(labels("zz_f(alpha = 1, bet", after: program).contains("beta_max|double"))
        #expect(labels("zz_f(", after: program) == ["alpha = |argument", "beta = c(1, 2)|argument"])
        #expect(edit("zz_f(alph", after: program) == CompletionEdit(insert: "a = "))
    }

    @Test func `members of lists and environments`() {
        let program = "zz <- list(one = 1, two = list(deep = 'a', `odd name` = 2), .hidden = 3)"
        #expect(labels("zz$", after: program) == ["one|double", "two|list"])
        #expect(labels("zz$two$", after: program) == ["`odd name`|double", "deep|character"])
        #expect(labels("zz[[2]]$d", after: program) == ["deep|character"])
        #expect(labels("zz$.h", after: program) == [".hidden|double"])
        #expect(labels("zz$one$", after: program) == [])
        #expect(labels("nothing$", after: program) == [])
    }

    @Test func `no code is run`() {
        let program = """
            zz <- new.env()
            makeActiveBinding("loud", function() stop("ran"), zz)
            delayedAssign("lazy", stop("ran"), assign.env = zz)
            """
        #expect(labels("zz$l", after: program) == ["lazy|promise", "loud|active"])
        #expect(labels("zz$lazy$", after: program) == [])
    }

    @Test func `the common beginning is filled in, then a list is shown`() {
        let program = "zz_alpha_1 <- 1; zz_alpha_2 <- 2"
        #expect(edit("zz_", after: program) == CompletionEdit(insert: "alpha_"))
        #expect(edit("zz_alpha_", after: program).listing == "zz_alpha_1  double   zz_alpha_2  double\n")
        #expect(edit("zz_alpha_3", after: program) == CompletionEdit())
        #expect(edit("  ") == CompletionEdit(insert: "  "))
    }

    @Test func `files in quotes`() {
        let folder = makeTemporaryFolder()
        write("", to: folder + "/data.csv")
        write("", to: folder + "/data two.csv")
        mkdir(folder + "/deep", 0o700)
        write("", to: folder + "/deep/one.R")
        #expect(labels("source(\"", in: folder) == ["data two.csv|file", "data.csv|file", "deep/|folder"])
        #expect(edit("source(\"deep/o", in: folder) == CompletionEdit(insert: "ne.R\""))
        #expect(edit("source('dee", in: folder) == CompletionEdit(insert: "p/"))
    }
}
