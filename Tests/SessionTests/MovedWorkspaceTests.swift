import Glibc
import TestSupport
import Testing

/// A workspace on another machine, as far as one machine can play two: another process, another HOME, another folder of
/// images.
@Suite struct MovedWorkspaceTests {
    /// The chapter's third net, a frozen ResNet-18 under a head, on drawn images.
    private static let fit = """
        library(torch); library(torchvision); library(luz)
        torch_manual_seed(777)
        plain <- . %>% transform_to_tensor() %>%
          transform_normalize(mean = c(0.485, 0.456, 0.406), std = c(0.229, 0.224, 0.225))
        images <- function(split) {
          shapes_dataset("~/images", classes = 2, per_class = 4, val_per_class = 3, split = split, transform = plain)
        }
        train_ds <- images("train"); valid_ds <- images("val")
        train_dl <- dataloader(train_ds, batch_size = 4, shuffle = TRUE); valid_dl <- dataloader(valid_ds, batch_size = 4)
        convnet <- nn_module("convnet",
          initialize = function() {
            self$model <- model_resnet18(pretrained = FALSE)
            for (par in self$parameters) par$requires_grad_(FALSE)
            self$model$fc <- nn_sequential(nn_linear(self$model$fc$in_features, 8), nn_relu(), nn_linear(8, 2))
          },
          forward = function(x) self$model(x))
        fitted <- convnet %>%
          setup(loss = nn_cross_entropy_loss(), optimizer = optim_adam, metrics = list(luz_metric_accuracy())) %>%
          fit(train_dl, epochs = 1, valid_data = valid_dl, verbose = FALSE)
        predictions <- as.array(predict(fitted, valid_dl, verbose = FALSE))
        dim(predictions)
        save_session("~/run3.wb", quiet = TRUE)
        """

    @Test func `a frozen ResNet predicts the same elsewhere`() throws {
        inTemporaryFolder { folder in
            let (old, new) = (folder + "/old", folder + "/new")
            mkdir(old, 0o755)
            mkdir(new, 0o755)
            write(Self.fit, to: folder + "/fit.R")
            let first = Subprocess(arguments: [folder + "/fit.R"], environment: ["HOME": old])
            #expect(first.output == "[1] 6 2\n", "\(first.errors)")
            #expect(!first.errors.contains("not saved"), "\(first.errors)")
            #expect(rename(old + "/run3.wb", new + "/run3.wb") == 0)
            #expect(rename(old + "/images", new + "/pictures") == 0)
            rmdir(old)
            write(
                """
                restored <- restore_session("~/run3.wb", quiet = TRUE, data = c(train_ds = "~/pictures"))
                again <- as.array(predict(fitted, valid_dl, verbose = FALSE))
                identical(again, predictions)
                further <- fit(fitted, epochs = 1, verbose = FALSE)
                nrow(get_metrics(further))
                """, to: folder + "/on.R")
            let second = Subprocess(arguments: [folder + "/on.R"], environment: ["HOME": new])
            #expect(second.output == "[1] TRUE\n[1] 8\n", "\(second.errors)")
            #expect(second.errors == "", "\(second.errors)")
            // Without being told, it says what is not there, and the rest is usable.
            write(
                """
                restored <- restore_session("~/run3.wb", quiet = TRUE)
                dim(as.array(predict(fitted, torch_zeros(1, 3, 64, 64), verbose = FALSE)))
                """, to: folder + "/lost.R")
            let third = Subprocess(arguments: [folder + "/lost.R"], environment: ["HOME": new])
            #expect(third.output == "[1] 1 2\n", "\(third.errors)")
            #expect(third.errors.contains("train_ds: 8 of its 8 images are not in"), "\(third.errors)")
            #expect(third.errors.contains("data = c(train_ds = \"/new/folder\") says where they are now"))
        }
    }
}
