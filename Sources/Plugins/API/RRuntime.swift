/// R's values, calls, environments and conditions, the session they live in and the registry: what a plug-in without
/// tensors needs. Whoever imports the API has them.
@_exported import RRuntime
