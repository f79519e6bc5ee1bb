"""What differs between companies, and what nobody outside Fortnox knows: one switch each, with a default."""

from dataclasses import dataclass


@dataclass
class Switches:
    """Settings of a company first, guesses after. Each guess says what the default assumes."""

    # settings a real company has
    rounds_to_kronor: bool = False
    """Öresavrundning: `Total` becomes whole kronor, the difference is in `RoundOff`."""
    warehouse: bool = False
    """Lager: deliveries must be warehouse-ready, nothing is delivered out of an empty stock."""
    negative_stock: bool = False
    """With Lager: stock may go below zero."""
    easy_vat: bool = False
    """EasyVat: a row with an own VAT rate needs an account (2004167)."""

    # how the stand-in limits
    rate_limit: bool = True
    """25 requests per 5 seconds for each client id and company."""
    retry_after: bool = False
    """429 carries `Retry-After`. Documented by nobody, so off."""

    # guesses
    createinvoice_answers: str = "Invoice"
    """`Invoice` (OpenAPI) or `Order` (two production clients)."""
    copies_references: bool = True
    """createinvoice copies ExternalInvoiceReference1/2 and YourOrderNumber."""
    credit_copies_references: bool = False
    """credit copies ExternalInvoiceReference1/2 and YourOrderNumber."""
    backorders: bool = False
    """createinvoice makes a back-order of what was not delivered."""
    vat_code_on_row: bool = True
    """A row's VATCode decides the VAT account. Off: it is stored and ignored."""
    negative_invoice_is_credit: bool = False
    """An ordinary invoice with a negative total gets `Credit` "true"."""
    credit_settles_original: bool = False
    """Booking a linked credit invoice takes it off the open balance of the original."""
    balance_in_sek: bool = False
    """`Balance` of a foreign invoice is in SEK instead of the invoice's currency."""
    document_rate: str = "sell"
    """`sell` or `buy`: which rate of the currency a document takes when it sends none."""
    rate_is_per_unit: bool = True
    """SEK = amount x rate / unit. Off: SEK = amount x rate."""
    keeps_currency_unit: bool = False
    """A document has the unit of its currency, whatever CurrencyUnit it is sent."""
    refuse_overpayment: bool = True
    """A payment with write-offs may not take more than what is left of the invoice."""
    write_offs_on_credits: bool = True
    """Payments of credit invoices may carry write-offs."""
    payment_touches_invoice: bool = False
    """Booking a payment moves the invoice's lastmodified."""
    stock_touches_article: bool = False
    """A stock movement by a document moves the article's lastmodified."""
    stock_leaves_when: str = "booked"
    """`booked` or `made`: which of an invoice, without Lager, takes its goods out of stock."""
    most_balances: int = 0
    """How many articles the stock balance of Lager takes at once; 0: any number."""
    refuse_null: bool = True
    """`null` is refused for every field."""
    empty_string_blanks: bool = False
    """An empty string empties a field. Recorded: it leaves the old value."""
    voucher_list_takes_dates: str = "yes"
    """`yes`, `ignored` or `refused` (2000588): fromdate and todate on lists of vouchers."""
    voucher_list_has_comments: bool = True
    """`Comments` of a voucher stand in lists too. Off: they are empty there."""
    voucher_list_has_references: bool = True
    """Lists say what a voucher was made from. Off: `ReferenceType` and `ReferenceNumber` are empty there."""
    own_codes_predefined: bool = True
    """Predefined accounts have an OUTVAT for codes of the company's own. Off: for the standard ones only."""
    sie_is_empty: bool = False
    """A SIE file is answered with 204, as the OpenAPI document has it, and not with its content."""
    max_voucher_rows: int = 0
    """How many rows a voucher may have; 0: as many as one likes."""
    connected_files_are_in: str = "archive"
    """`archive`, `inbox` or `nowhere`: where a file that explains a voucher can be read."""
    refuse_inactive: bool = True
    """Inactive customers and articles are refused on new documents."""
    refuse_second_price: bool = False
    """POST of a price that is there is refused. Off: it changes the price."""
    new_article_has_price: bool = False
    """A new article has a price of 0 in the default list from the start."""
    whole_price_lists: bool = True
    """`/prices/sublist/{list}` without an article shows the whole list."""
    base_price_from: int = 0
    """0 or 1: from which quantity the base price is kept, whatever was sent."""
    article_case_matters: bool = True
    """`abc` and `ABC` are two articles."""
    refuse_bad_email: bool = True
    """E-mail addresses are checked for form."""
    strict_accept: bool = True
    """Accept must name application/json."""
