"""Fields of orders and invoices, as Fortnox' OpenAPI document declares them and as the recordings show them.

Limits: OpenAPI. Values of a fresh record: recorded. Where the two disagree the recording wins.
"""

from services.sandbox.fortnox.fields import table

# ruff: noqa: E501  (tables: one field per line, whatever its length)

EMAIL_INFORMATION = table(
    """
    EmailAddressFrom text:1024  rw   null
    EmailAddressTo   text:1024  rw   ""
    EmailAddressCC   text:1024  rw   null
    EmailAddressBCC  text:1024  rw   null
    EmailSubject     text:100   rw   ""
    EmailBody        text:20000 rw   ""
    """
)

EDI_INFORMATION = table(
    """
    EDIGlobalLocationNumber             text:13  rw   null
    EDIGlobalLocationNumberDelivery     text:13  rw   null
    EDIInvoiceExtra1                    text     rw   null
    EDIInvoiceExtra2                    text     rw   null
    EDIOurElectronicReference           text     rw   null
    EDIYourElectronicReference          text     rw   null
    EDIStatus                           text     r    ""
    """
)

LABEL = table("    Id  whole  rw  0")

ORDER_ROW = table(
    """
    AccountNumber               whole                    rw   null
    ArticleNumber               text                     rw   ""
    ContributionPercent         text                     r    "0"
    ContributionValue           text                     r    "0"
    Cost                        number                   r    0
    CostCenter                  text                     rw   ""
    DeliveredQuantity           quantity                 rw   "0"
    Description                 text:255                 rw   ""
    Discount                    number                   rw   0
    DiscountType                one:AMOUNT,PERCENT       rw   "PERCENT"
    HouseWork                   flag                     rw   false
    HouseWorkHoursToReport      whole                    rw   null
    HouseWorkType               text                     rw   null
    OrderedQuantity             quantity                 rw   "0"
    Price                       number                   rw   0
    Project                     text                     rw   ""
    ReservedQuantity            text                     r    "0"
    RowId                       whole                    rw   null
    StockPointCode              text                     rw   null
    StockPointId                text                     rw   null
    Total                       number                   r    0
    Unit                        text                     rw   ""
    VAT                         number                   rw   0
    VATCode                     text                     rw   null
    """
)

ORDER = table(
    """
    AdministrationFee           number                   rw   0
    AdministrationFeeVAT        number                   r    0
    Address1                    text                     rw   ""
    Address2                    text                     rw   ""
    BasisTaxReduction           number                   r    0
    Cancelled                   flag                     r    false
    City                        text                     rw   ""
    Comments                    text                     rw   ""
    ContributionPercent         number                   r    0
    ContributionValue           number                   r    0
    CopyRemarks                 flag                     rw   false
    Country                     text                     rw   ""
    CostCenter                  text                     rw   ""
    Currency                    text:3                   rw   "SEK"
    CurrencyRate                number                   rw   1
    CurrencyUnit                number                   rw   1
    CustomerName                text:1024                rw   ""
    CustomerNumber              text                     rw   null
    DeliveryState               one:registration,reservation,delivery rw   "delivery"
    DeliveryAddress1            text                     rw   ""
    DeliveryAddress2            text                     rw   ""
    DeliveryCity                text                     rw   ""
    DeliveryCountry             text                     rw   ""
    DeliveryDate                date                     rw   null
    DeliveryName                text                     rw   ""
    DeliveryZipCode             text                     rw   ""
    DocumentNumber              text                     new  null
    EmailInformation            object                   rw   {"EmailAddressFrom":null,"EmailAddressTo":"","EmailAddressCC":null,"EmailAddressBCC":null,"EmailSubject":"Order {no} bifogas","EmailBody":" "}
    ExternalInvoiceReference1   text:80                  rw   ""
    ExternalInvoiceReference2   text:80                  rw   ""
    Freight                     number                   rw   0
    FreightVAT                  number                   r    0
    Gross                       number                   r    0
    HouseWork                   flag                     r    false
    InvoiceReference            text                     r    "0"
    Labels                      rows                     rw   []
    Language                    text                     rw   "SV"
    Net                         number                   r    0
    NotCompleted                flag                     rw   false
    OfferReference              text                     r    "0"
    OrderDate                   date                     rw   null
    OrderRows                   rows                     rw   []
    OrderType                   text                     r    "Order"
    OrganisationNumber          text                     r    ""
    OurReference                text:50                  rw   ""
    Phone1                      text                     rw   ""
    Phone2                      text                     rw   ""
    PriceList                   text                     rw   "A"
    PrintTemplate               text                     rw   "oc"
    Project                     text                     rw   ""
    WarehouseReady              flag                     r    true
    OutboundDate                date                     rw   null
    Remarks                     text:1024                rw   ""
    RoundOff                    number                   r    0
    Sent                        flag                     r    false
    TaxReduction                number                   r    null
    TermsOfDelivery             text                     rw   ""
    TermsOfPayment              text                     rw   "30"
    TimeBasisReference          whole                    r    null
    Total                       number                   r    0
    TotalToPay                  number                   r    0
    TotalVAT                    number                   r    0
    VATIncluded                 flag                     rw   false
    WayOfDelivery               text                     rw   ""
    YourReference               text:50                  rw   ""
    YourOrderNumber             text:75                  rw   ""
    ZipCode                     text                     rw   ""
    StockPointCode              text                     rw   null
    StockPointId                text                     rw   null
    TaxReductionType            one:none,rot,rut,green   rw   "none"
    """,
    nested={"EmailInformation": EMAIL_INFORMATION, "Labels": LABEL, "OrderRows": ORDER_ROW},
    required=("CustomerNumber",),
)

INVOICE_ROW = table(
    """
    AccountNumber               whole                    rw   null
    ArticleNumber               text                     rw   ""
    ContributionPercent         text                     r    "0"
    ContributionValue           text                     r    "0"
    Cost                        number                   r    0
    CostCenter                  text                     rw   ""
    DeliveredQuantity           quantity                 rw   "0"
    Description                 text:255                 rw   ""
    Discount                    number                   rw   0
    DiscountType                one:AMOUNT,PERCENT       rw   "PERCENT"
    HouseWork                   flag                     rw   false
    HouseWorkHoursToReport      whole                    rw   null
    HouseWorkType               text                     rw   null
    Price                       number                   rw   0
    PriceExcludingVAT           number                   r    0
    Project                     text                     rw   ""
    RowId                       whole                    rw   null
    StockPointCode              text                     rw   null
    Total                       number                   r    0
    TotalExcludingVAT           number                   r    0
    Unit                        text                     rw   ""
    VAT                         number                   rw   0
    VATCode                     text                     rw   null
    """
)

INVOICE = table(
    """
    AccountingMethod            one:ACCRUAL,CASH         r    "ACCRUAL"
    Address1                    text                     rw   ""
    Address2                    text                     rw   ""
    AdministrationFee           number                   rw   0
    AdministrationFeeVAT        number                   r    0
    Balance                     number                   r    0
    BasisTaxReduction           number                   r    0
    Booked                      flag                     r    false
    Cancelled                   flag                     r    false
    City                        text:1024                rw   ""
    Comments                    text:1024                rw   ""
    ContractReference           text                     r    "0"
    ContributionPercent         number                   r    0
    ContributionValue           number                   r    0
    CostCenter                  text                     rw   ""
    Country                     text                     rw   ""
    Credit                      text                     r    "false"
    CreditInvoiceReference      text                     r    "0"
    Currency                    text:3                   rw   "SEK"
    CurrencyRate                number                   rw   1
    CurrencyUnit                whole                    rw   1
    CustomerName                text:1024                rw   ""
    CustomerNumber              text                     rw   null
    DeliveryAddress1            text:1024                rw   ""
    DeliveryAddress2            text:1024                rw   ""
    DeliveryCity                text:1024                rw   ""
    DeliveryCountry             text                     rw   ""
    DeliveryDate                date                     rw   null
    DeliveryName                text:1024                rw   ""
    DeliveryZipCode             text:1024                rw   ""
    DocumentNumber              text                     new  null
    DueDate                     date                     rw   null
    EDIInformation              object                   rw   {"EDIGlobalLocationNumber":null,"EDIGlobalLocationNumberDelivery":null,"EDIInvoiceExtra1":null,"EDIInvoiceExtra2":null,"EDIOurElectronicReference":null,"EDIYourElectronicReference":null,"EDIStatus":""}
    EUQuarterlyReport           flag                     rw   false
    EmailInformation            object                   rw   {"EmailAddressFrom":null,"EmailAddressTo":"","EmailAddressCC":null,"EmailAddressBCC":null,"EmailSubject":"Faktura {no} bifogas","EmailBody":" "}
    ExternalInvoiceReference1   text:80                  rw   ""
    ExternalInvoiceReference2   text:80                  rw   ""
    FinalPayDate                date                     r    null
    Freight                     number                   rw   0
    FreightVAT                  number                   r    0
    Gross                       number                   r    0
    HouseWork                   flag                     r    false
    InvoiceDate                 date                     rw   null
    InvoicePeriodEnd            date                     r    ""
    InvoicePeriodStart          date                     r    ""
    InvoiceReference            text                     r    "0"
    InvoiceRows                 rows                     rw   []
    InvoiceType                 one:INVOICE,AGREEMENTINVOICE,INTRESTINVOICE,SUMMARYINVOICE,CASHINVOICE rw   "INVOICE"
    Labels                      rows                     rw   []
    Language                    one:SV,EN                rw   "SV"
    LastRemindDate              date                     r    null
    Net                         number                   r    0
    NotCompleted                flag                     rw   false
    NoxFinans                   flag                     r    false
    OCR                         text                     rw   null
    OfferReference              text                     r    "0"
    OrderReference              text                     r    "0"
    OrganisationNumber          text                     r    ""
    OurReference                text:50                  rw   ""
    OutboundDate                date                     rw   null
    PaymentWay                  one:CASH,CARD,AG         rw   ""
    Phone1                      text:1024                rw   ""
    Phone2                      text:1024                rw   ""
    PriceList                   text                     rw   "A"
    PrintTemplate               text                     rw   "st"
    Project                     text                     rw   ""
    Remarks                     text:1024                rw   ""
    Reminders                   whole                    r    0
    RoundOff                    number                   r    0
    Sent                        flag                     r    false
    TaxReduction                whole                    r    null
    TaxReductionType            one:none,rot,rut,green   rw   "none"
    TermsOfDelivery             text                     rw   ""
    TermsOfPayment              text                     rw   "30"
    TimeBasisReference          whole                    r    null
    Total                       number                   r    0
    TotalToPay                  number                   r    0
    TotalVAT                    number                   r    0
    VATIncluded                 flag                     rw   false
    VoucherNumber               whole                    r    null
    VoucherSeries               text                     r    null
    VoucherYear                 whole                    r    null
    WarehouseReady              flag                     r    true
    WayOfDelivery               text                     rw   ""
    YourOrderNumber             text:75                  rw   ""
    YourReference               text:50                  rw   ""
    ZipCode                     text:1024                rw   ""
    """,
    nested={
        "EmailInformation": EMAIL_INFORMATION,
        "EDIInformation": EDI_INFORMATION,
        "Labels": LABEL,
        "InvoiceRows": INVOICE_ROW,
    },
    required=("CustomerNumber",),
)
