"""Signing in to the simulated SharePoint Online as other people's clients do."""

from xml.sax.saxutils import escape

import requests
from lxml import etree

RST = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing">
  <s:Header>
    <a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/02/trust/RST/Issue</a:Action>
    <a:ReplyTo><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>
    <a:To s:mustUnderstand="1">{sts}</a:To>
    <o:Security s:mustUnderstand="1"
        xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
      <o:UsernameToken><o:Username>{user}</o:Username><o:Password>{password}</o:Password></o:UsernameToken>
    </o:Security>
  </s:Header>
  <s:Body>
    <t:RequestSecurityToken xmlns:t="http://schemas.xmlsoap.org/ws/2005/02/trust">
      <wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy">
        <a:EndpointReference><a:Address>{site}</a:Address></a:EndpointReference>
      </wsp:AppliesTo>
      <wsp:PolicyReference xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy" URI="MBI"/>
      <t:KeyType>http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey</t:KeyType>
      <t:RequestType>http://schemas.xmlsoap.org/ws/2005/02/trust/Issue</t:RequestType>
      <t:TokenType>urn:oasis:names:tc:SAML:1.0:assertion</t:TokenType>
    </t:RequestSecurityToken>
  </s:Body>
</s:Envelope>"""


def sign_in(host, sts, user, password):
    """The cookies of a session, as the sign-in service and the host give them."""
    filled = {"sts": sts, "site": host, "user": escape(user), "password": escape(password)}
    answer = requests.post(sts, data=RST.format(**filled), headers={"Content-Type": "application/soap+xml"})
    token = etree.fromstring(answer.content).findtext(".//{*}BinarySecurityToken")
    assert token, answer.text
    opened = requests.post(f"{host}/_forms/default.aspx?wa=wsignin1.0", data=token, allow_redirects=False)
    assert {"FedAuth", "rtFa"} <= set(opened.cookies.keys()), opened.status_code
    return opened.cookies
