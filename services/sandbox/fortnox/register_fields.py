"""Fields of customers, articles and prices: limits from OpenAPI, fresh values as recorded."""

from services.sandbox.fortnox.fields import table

# ruff: noqa: E501  (tables: one field per line, whatever its length)

DELIVERY_TYPES = table(
    """
    Invoice  one:PRINT,EMAIL,PRINTSERVICE,ELECTRONICINVOICE rw "PRINT"
    Order    one:PRINT,EMAIL,PRINTSERVICE,ELECTRONICINVOICE rw "PRINT"
    Offer    one:PRINT,EMAIL,PRINTSERVICE,ELECTRONICINVOICE rw "PRINT"
    """
)

TEMPLATES = table(
    """
    Order        text  rw  "DEFAULTTEMPLATE"
    Offer        text  rw  "DEFAULTTEMPLATE"
    Invoice      text  rw  "DEFAULTTEMPLATE"
    CashInvoice  text  rw  "DEFAULTTEMPLATE"
    """
)

CUSTOMER = table(
    """
    Address1                    text:1024                rw   null
    Address2                    text:1024                rw   null
    City                        text:1024                rw   null
    Country                     text                     r    null
    Comments                    text:1024                rw   null
    Currency                    text:=3                  rw   "SEK"
    CostCenter                  text                     rw   null
    CountryCode                 text:=2                  rw   null
    Active                      flag                     rw   true
    CustomerNumber              text:1024                new  null
    DefaultDeliveryTypes        object                   rw   {"Invoice":"PRINT","Order":"PRINT","Offer":"PRINT"}
    DefaultTemplates            object                   rw   {"Order":"DEFAULTTEMPLATE","Offer":"DEFAULTTEMPLATE","Invoice":"DEFAULTTEMPLATE","CashInvoice":"DEFAULTTEMPLATE"}
    DeliveryAddress1            text:1024                rw   null
    DeliveryAddress2            text:1024                rw   null
    DeliveryCity                text:1024                rw   null
    DeliveryCountry             text:1024                r    null
    DeliveryCountryCode         text:=2                  rw   null
    DeliveryFax                 text:1024                rw   null
    DeliveryName                text:1024                rw   null
    DeliveryPhone1              text:1024                rw   null
    DeliveryPhone2              text:1024                rw   null
    DeliveryZipCode             text:10                  rw   null
    Email                       text:1024                rw   ""
    EmailInvoice                text:1024                rw   ""
    EmailInvoiceBCC             text:1024                rw   ""
    EmailInvoiceCC              text:1024                rw   ""
    EmailOffer                  text:1024                rw   ""
    EmailOfferBCC               text:1024                rw   ""
    EmailOfferCC                text:1024                rw   ""
    EmailOrder                  text:1024                rw   ""
    EmailOrderBCC               text:1024                rw   ""
    EmailOrderCC                text:1024                rw   ""
    ExternalReference           text:1024                rw   null
    Fax                         text:1024                rw   null
    GLN                         text:=13                 rw   null
    GLNDelivery                 text:=13                 rw   null
    InvoiceAdministrationFee    quantity                 rw   null
    InvoiceDiscount             number                   rw   null
    InvoiceFreight              quantity                 rw   null
    InvoiceRemark               text:1024                rw   ""
    Name                        text:1024                rw   null
    OrganisationNumber          text:30                  rw   ""
    OurReference                text:50                  rw   ""
    Phone1                      text:1024                rw   null
    Phone2                      text:1024                rw   null
    PriceList                   text                     rw   "A"
    Project                     text                     rw   ""
    SalesAccount                text:=4                  rw   null
    ShowPriceVATIncluded        flag                     rw   false
    TermsOfDelivery             text                     rw   ""
    TermsOfPayment              text                     rw   ""
    Type                        one:PRIVATE,COMPANY      rw   "COMPANY"
    VATNumber                   text                     rw   ""
    VATType                     one:SEVAT,SEREVERSEDVAT,EUREVERSEDVAT,EUVAT,EXPORT rw   "SEVAT"
    VisitingAddress             text:128                 rw   null
    VisitingCity                text:128                 rw   null
    VisitingCountry             text:128                 r    null
    VisitingCountryCode         text:=2                  rw   null
    VisitingZipCode             text:10                  rw   null
    WayOfDelivery               text                     rw   ""
    WWW                         text:128                 rw   ""
    YourReference               text:50                  rw   ""
    ZipCode                     text:10                  rw   null
    """,
    nested={"DefaultDeliveryTypes": DELIVERY_TYPES, "DefaultTemplates": TEMPLATES},
    required=("Name",),
)

ARTICLE = table(
    """
    ArticleNumber               text:50                  new  null
    Bulky                       flag                     rw   false
    ConstructionAccount         whole                    rw   0
    Depth                       whole                    rw   0
    Description                 text:200                 rw   null
    DisposableQuantity          number                   r    0
    EAN                         text:30                  rw   ""
    EUAccount                   whole                    rw   3108
    EUVATAccount                whole                    rw   3106
    ExportAccount               whole                    rw   3105
    Height                      whole                    rw   0
    Housework                   flag                     rw   false
    HouseworkType               text                     rw   null
    Active                      flag                     rw   true
    Manufacturer                text:50                  rw   null
    ManufacturerArticleNumber   text:50                  rw   ""
    Note                        text:10000               rw   ""
    PurchaseAccount             whole                    rw   4000
    PurchasePrice               number                   rw   0
    QuantityInStock             number                   rw   0
    ReservedQuantity            number                   r    0
    SalesAccount                whole                    rw   3001
    StockGoods                  flag                     rw   false
    StockPlace                  text:100                 rw   null
    StockValue                  number                   r    0
    StockWarning                number                   rw   0
    SupplierName                text                     r    null
    SupplierNumber              text                     rw   null
    Type                        one:STOCK,SERVICE        rw   "STOCK"
    Unit                        text                     rw   null
    VAT                         number                   rw   0
    WebshopArticle              flag                     rw   false
    Weight                      whole                    rw   0
    Width                       whole                    rw   0
    Expired                     flag                     rw   false
    SalesPrice                  number                   r    null
    CostCalculationMethod       text                     rw   null
    StockAccount                whole                    rw   null
    StockChangeAccount          whole                    rw   null
    DirectCost                  number                   rw   null
    FreightCost                 number                   rw   null
    OtherCost                   number                   rw   null
    DefaultStockPoint           text                     rw   null
    DefaultStockLocation        text                     rw   null
    CommodityCode               text                     r    null
    """,
    required=("Description",),
)

PRICE = table(
    """
    ArticleNumber  text    rw  null
    Date           date    r   null
    FromQuantity   number  rw  0
    Percent        number  rw  0
    Price          number  rw  0
    PriceList      text    rw  null
    """,
)

PRICE_LIST = table(
    """
    Code         text:100  new  null
    Comments     text      rw   ""
    Description  text:50   rw   null
    PreSelected  flag      r    false
    """,
    required=("Code", "Description"),
)
