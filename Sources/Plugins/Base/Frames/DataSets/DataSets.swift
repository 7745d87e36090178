import BaseValues
import PluginAPI

/// `iris` and `mtcars`, which examples everywhere begin with. They are made when they are first asked for.
func registerDataSets(_ datasets: Namespace) {
    for (name, make) in [("iris", irisData), ("mtcars", carsData)] {
        let maker = Builtin(name, namespace: "datasets", []) { _ in make() }
        datasets.object(
            name, .promise(Promise(.call(Call(.builtin(maker), [])), in: datasets.environment)))
    }
}

/// A data frame of columns of numbers, and of a factor of equally many rows a kind.
func measured(
    _ columns: [(name: String, numbers: String)], rowNames: RowNames, kinds: (name: String, levels: [String])? = nil
) -> Value {
    var values: [Value] = columns.map { column in
        .double(Vector(column.numbers.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }))
    }
    var names = columns.map { Optional(Text($0.name)) }
    if let kinds {
        let rows = values.first?.length ?? 0
        let codes = (0..<rows).map { Optional(Int32($0 * kinds.levels.count / rows + 1)) }
        values.append(makeFactor(codes, levels: kinds.levels.map { Text($0) }))
        names.append(Text(kinds.name))
    }
    return makeFrame(values, names: names, rowNames: rowNames)
}
