/// Version of the workbench.
public let workbenchVersion = "0.1.0"
