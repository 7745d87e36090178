import BaseArithmetic
import BaseData
import BaseFiles
import BaseFormatting
import BaseFrames
import BaseFunctional
import BaseGeneralized
import BaseInference
import BaseLanguage
import BaseMatrices
import BaseModels
import BasePackages
import BasePrinting
import BaseSerialization
import BaseSession
import BaseStatistics
import BaseStrings
import BaseSubsetting
import BaseTime
import BaseVectors
import Callbacks
import Datasets
import Graphics
import Layers
import Losses
import Metrics
import Models
import Modules
import Optimizers
import Plots
import PluginAPI
import Runs
import Schedulers
import Session
import Shell
import TensorFunctions
import Torch
import Training
import Transforms

// What comes in the box. Nothing else knows these lists; each entry registers as a stranger's plug-in does.

/// R itself, and help about it.
let languagePlugins: [any Registrant.Type] = [
    BaseVectors.self, BaseSubsetting.self, BaseArithmetic.self, BaseMatrices.self, BaseStrings.self,
    BaseFormatting.self, BasePrinting.self, BaseFiles.self, BaseLanguage.self, BaseFunctional.self, BaseSession.self,
    BasePackages.self, BaseData.self, BaseTime.self, BaseSerialization.self, BaseFrames.self, BaseStatistics.self,
    BaseModels.self, BaseGeneralized.self, BaseInference.self, Help.self, SavingSessions.self,
    RecordingSessions.self, PluginFunctions.self,
]

/// What `library()` finds besides.
let builtinPlugins: [any Registrant.Type] = [
    Graphics.self, Plots.self, Torch.self, TensorFunctions.self, Modules.self, Layers.self, Losses.self,
    Optimizers.self, Schedulers.self, Transforms.self, Datasets.self, Models.self, Metrics.self, Callbacks.self,
    Training.self, Runs.self,
]
