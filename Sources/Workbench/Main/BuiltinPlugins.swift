import BaseData
import BaseLanguage
import BaseText
import BaseVectors
import Layers
import Losses
import Modules
import Optimizers
import PluginAPI
import Schedulers
import Torch

/// What comes in the box. Nothing else knows this list; each entry registers as a stranger's plug-in does.
let builtinPlugins: [any Plugin.Type] = [
    BaseVectors.self, BaseText.self, BaseLanguage.self, BaseData.self, Torch.self, Modules.self,
    Layers.self, Losses.self, Optimizers.self, Schedulers.self,
]
