//! Documents without tricks, one of each kind that we read, with the places where a trick can stand.
//!
//! All are invented, in the shapes that the contracts document.

use crate::Reader;

/// A document with places.
#[derive(Clone, Copy)]
pub(super) struct Carrier {
    pub(super) name: &'static str,
    /// Those that read it.
    pub(super) readers: &'static [Reader],
    text: &'static str,
}

/// Where a trick stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the root.
    Prolog,
    /// In the start tag of the root, behind its name.
    Root,
    /// Between two elements.
    Inside,
    /// In front of the text of an element.
    Leaf,
    /// Behind the root.
    End,
}

impl Place {
    fn mark(self) -> &'static str {
        match self {
            Self::Prolog => "@prolog@",
            Self::Root => "@root@",
            Self::Inside => "@inside@",
            Self::Leaf => "@leaf@",
            Self::End => "@end@",
        }
    }
}

const ALL: [Place; 5] = [Place::Prolog, Place::Root, Place::Inside, Place::Leaf, Place::End];

impl Carrier {
    pub(super) const CRM: Self = Self {
        name: "crm",
        readers: &[Reader::Tree, Reader::Rows, Reader::Envelope, Reader::Crm],
        text: r#"@prolog@<soap:Envelope@root@ xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body><ExecuteResponse xmlns="http://schemas.microsoft.com/crm/2007/WebServices"><Response xsi:type="WhoAmIResponse"><UserId>@leaf@6b29fc40-ca47-1067-b31d-00dd010662da</UserId>@inside@<BusinessUnitId>6b29fc40-ca47-1067-b31d-00dd010662db</BusinessUnitId><OrganizationId>6b29fc40-ca47-1067-b31d-00dd010662dc</OrganizationId></Response></ExecuteResponse></soap:Body></soap:Envelope>@end@"#,
    };
    pub(super) const SHAREPOINT: Self = Self {
        name: "sharepoint",
        readers: &[Reader::Tree, Reader::Rows, Reader::Envelope, Reader::SharePoint],
        text: r#"@prolog@<soap:Envelope@root@ xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><GetWebResponse xmlns="http://schemas.microsoft.com/sharepoint/soap/"><GetWebResult><Web Title="Berg" Url="https://sites.test.example/sites/harbour/berg" Description="Account site [tieline harbour]">@inside@<Note>@leaf@x</Note></Web></GetWebResult></GetWebResponse></soap:Body></soap:Envelope>@end@"#,
    };
    pub(super) const FAULT: Self = Self {
        name: "fault",
        readers: &[Reader::Tree, Reader::Rows, Reader::Envelope],
        text: r#"@prolog@<soap:Envelope@root@ xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault><faultcode>soap:Server</faultcode>@inside@<faultstring>@leaf@Server was unable to process request.</faultstring><detail><error><code>0x80040220</code></error></detail></soap:Fault></soap:Body></soap:Envelope>@end@"#,
    };
    pub(super) const RESULT: Self = Self {
        name: "result",
        readers: &[Reader::Tree, Reader::Rows, Reader::Fetch],
        text: r#"@prolog@<resultset@root@ morerecords="1" paging-cookie="&lt;cookie page=&quot;1&quot;/&gt;"><result><fullname>@leaf@Anna Berg</fullname>@inside@<ownerid name="Ben" dsc="0" type="8">{8D0F1B6E-6A3A-DF11-9A6D-00155D0A0B01}</ownerid></result></resultset>@end@"#,
    };
    pub(super) const TEMPLATE: Self = Self {
        name: "template",
        readers: &[Reader::Tree, Reader::Rows, Reader::Template],
        text: r#"@prolog@<pnp:Provisioning@root@ xmlns:pnp="http://schemas.dev.office.com/PnP/2022/09/ProvisioningSchema"><pnp:Preferences><pnp:Parameters><pnp:Parameter Key="OwnerName">@leaf@not known</pnp:Parameter></pnp:Parameters></pnp:Preferences><pnp:Templates><pnp:ProvisioningTemplate ID="T" Version="1.0">@inside@<pnp:Lists><pnp:ListInstance Title="Facts" TemplateType="100" Url="Lists/Facts"><pnp:DataRows KeyColumn="Title"><pnp:DataRow><pnp:DataValue FieldName="Title">{parameter:OwnerName}</pnp:DataValue></pnp:DataRow></pnp:DataRows></pnp:ListInstance></pnp:Lists></pnp:ProvisioningTemplate></pnp:Templates></pnp:Provisioning>@end@"#,
    };
    pub(super) const ALL: [Self; 5] = [Self::CRM, Self::SHAREPOINT, Self::FAULT, Self::RESULT, Self::TEMPLATE];

    /// The document without a trick.
    pub(super) fn plain(self) -> String {
        ALL.iter().fold(self.text.to_owned(), |text, place| text.replace(place.mark(), ""))
    }

    /// The document with a trick.
    pub(super) fn with(self, place: Place, trick: &[u8]) -> Vec<u8> {
        let others = ALL.iter().filter(|other| **other != place);
        let text = others.fold(self.text.to_owned(), |text, other| text.replace(other.mark(), ""));
        let (before, after) = text.split_once(place.mark()).expect("a carrier has every place");
        [before.as_bytes(), trick, after.as_bytes()].concat()
    }
}
