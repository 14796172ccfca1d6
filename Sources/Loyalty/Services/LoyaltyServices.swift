public import AsyncHTTPClient
public import SheafCore

/// The services that the factories ask.
public struct LoyaltyServices: Sendable {
    public let sales: any SalesService
    public let items: any ItemsService

    public init(
        sales: any SalesService = TrustingSalesService(), items: any ItemsService = UntitledItemsService()
    ) {
        self.sales = sales
        self.items = items
    }

    /// The services at their addresses, each `nil` where there is none.
    ///
    /// - Parameters:
    ///   - client: what sends the requests; it must outlive the services, which do not shut it down. With its
    ///     `connectionPool.retryConnectionEstablishment` off a service that is down is told at once; with it on, the
    ///     client keeps connecting until each attempt's time is over.
    ///   - time: tells the present for `Retry-After` and waits between attempts.
    /// - Throws: ``SheafError`` `invalid` with the field `sales.url` or `items.url`.
    public init(
        salesURL: String?, itemsURL: String?, client: HTTPClient, options: ServiceOptions = ServiceOptions(),
        time: any TimeSource
    ) throws(SheafError) {
        var services = LoyaltyServices()
        if let salesURL {
            let sales = try HTTPSalesService(url: salesURL, client: client, options: options, time: time)
            services = LoyaltyServices(sales: sales, items: services.items)
        }
        if let itemsURL {
            let items = try HTTPItemsService(url: itemsURL, client: client, options: options, time: time)
            services = LoyaltyServices(sales: services.sales, items: items)
        }
        self = services
    }
}
