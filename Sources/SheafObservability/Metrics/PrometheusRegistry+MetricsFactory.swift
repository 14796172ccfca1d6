public import CoreMetrics
import SheafCore

extension PrometheusRegistry: MetricsFactory {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let family = family(label, .gauge)
        if case .gauge(let table) = family.table { return table.series(dimensions) }
        reportConflict(family, madeAs: "meter")
        return GaugeSeries()
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let family = family(label, aggregate ? .histogram : .gauge)
        switch family.table {
        case .gauge(let table): return table.series(dimensions)
        case .histogram(let table): return table.series(dimensions)
        case .counter:
            reportConflict(family, madeAs: "recorder")
            return GaugeSeries()
        }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let family = family(label, .histogram)
        switch family.table {
        case .gauge(let table): return table.series(dimensions)
        case .histogram(let table): return table.series(dimensions)
        case .counter:
            reportConflict(family, madeAs: "timer")
            return GaugeSeries()
        }
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        let family = family(label, .counter)
        if case .counter(let table) = family.table { return table.series(dimensions) }
        reportConflict(family, madeAs: "counter")
        return CounterSeries()
    }
}

// Series live as long as the process: another holder of the same series may still use it, and a counter recreated at
// zero would look like a restart.
extension PrometheusRegistry {
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}
