public import AsyncHTTPClient
public import ServiceCalls
public import SheafCore

/// The services that the factories call.
public struct LoyaltyServices: Sendable {
    public let sales: any SalesService
    public let items: any ItemsService

    public init(
        sales: any SalesService = TrustingSalesService(), items: any ItemsService = UntitledItemsService()
    ) {
        self.sales = sales
        self.items = items
    }

    /// The services at their addresses, each `nil` if there is none.
    ///
    /// - Parameters:
    ///   - client: sends the requests; it must outlive the services, which do not shut it down. It should allow
    ///     `options.inFlight` connections to each service; otherwise requests wait for one within their time limit.
    ///     With its `connectionPool.retryConnectionEstablishment` off, a service that is down is reported at once; with
    ///     it on, the client keeps connecting until an attempt's time limit.
    ///   - time: the clock for `Retry-After` and the waits between attempts.
    public init(
        salesURL: HTTPURL?, itemsURL: HTTPURL?, client: HTTPClient, options: ServiceOptions = ServiceOptions(),
        time: any TimeSource
    ) {
        var sales: any SalesService = TrustingSalesService()
        if let salesURL { sales = HTTPSalesService(url: salesURL, client: client, options: options, time: time) }
        var items: any ItemsService = UntitledItemsService()
        if let itemsURL { items = HTTPItemsService(url: itemsURL, client: client, options: options, time: time) }
        self.init(sales: sales, items: items)
    }
}
