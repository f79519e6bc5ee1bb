"""What invoices without VAT say about why there is none."""

from pydantic import Field

from shared.settings.section import Section, Text


class InvoiceTexts(Section):
    eu_goods: Text = Field(
        "Unionsintern varuförsäljning, undantagen från skatteplikt. Köparens VAT-nummer: {vat_number}. "
        "VAT exempt intra-Community supply, Article 138 Directive 2006/112/EC.",
        description="On invoices of goods to businesses in other EU countries; empty: no text.",
    )
    eu_services: Text = Field(
        "Omvänd betalningsskyldighet. Köparens VAT-nummer: {vat_number}. "
        "Reverse charge, Article 196 Directive 2006/112/EC.",
        description="On invoices of services to businesses in other EU countries; empty: no text.",
    )
    export: Text = Field(
        "Export, undantagen från skatteplikt. VAT exempt export, Article 146 Directive 2006/112/EC.",
        description="On invoices without VAT to places outside the EU's VAT area; empty: no text.",
    )
