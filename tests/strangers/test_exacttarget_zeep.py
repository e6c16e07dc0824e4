"""zeep drives the simulated e-mail platform through both of the vendor's WSDLs: the oldest and the newest that are known."""

import time
import uuid

import pytest
import zeep.exceptions

from exacttarget import Platform


@pytest.fixture(scope="module")
def account(demo):
    return next(tenant for tenant in demo["tenants"] if tenant["id"] == "lakeside")["exacttarget"]


@pytest.fixture(scope="module", params=[2012, 2020])
def year(request):
    return request.param


@pytest.fixture(scope="module", params=[False, True], ids=["user", "token"])
def platform(request, contracts, account, year):
    return Platform(contracts, account, year, by_token=request.param)


def results(reply):
    """`Results` of a reply, none where there is none."""
    return reply.Results or []


def key(prefix):
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def table(platform, name):
    field = lambda name, kind, **more: platform.make("DataExtensionField", Name=name, FieldType=kind, **more)
    return platform.make(
        "DataExtension",
        CustomerKey=name,
        Name=name,
        IsSendable=True,
        SendableDataExtensionField=platform.make("DataExtensionField", Name="SubscriberKey"),
        SendableSubscriberField=platform.make("Attribute", Name="Subscriber Key", Value=""),
        Fields={
            "Field": [
                field("SubscriberKey", "Text", MaxLength=64, IsRequired=True, IsPrimaryKey=True),
                field("Email", "EmailAddress", IsRequired=False, IsPrimaryKey=False),
            ]
        },
    )


def test_lists_are_retrieved(platform):
    reply = platform.retrieve("List", ["ID", "ListName"])
    assert reply.OverallStatus == "OK"
    assert {row.ListName for row in reply.Results} >= {"All Subscribers", "Newsletter"}


def test_events_come_page_by_page(platform):
    properties = ["SendID", "SubscriberKey", "EventDate", "EventType", "BatchID", "Client.ID"]
    reply = platform.retrieve("SentEvent", properties, page=2000)
    rows = list(reply.Results)
    while reply.OverallStatus == "MoreDataAvailable":
        reply = platform.retrieve("SentEvent", properties, page=2000, after=reply.RequestID)
        rows += reply.Results
    assert reply.OverallStatus == "OK"
    assert len(rows) > 6000
    assert {row.EventType for row in rows} == {"Sent"}
    assert len({(row.SendID, row.SubscriberKey, row.EventDate) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("OpenEvent", []),
        ("ClickEvent", ["URL", "URLID"]),
        ("BounceEvent", ["SMTPCode", "BounceCategory", "SMTPReason", "BounceType"]),
        ("UnsubEvent", []),
    ],
)
def test_every_event_has_what_it_was_asked_for(platform, kind, more):
    reply = platform.retrieve(kind, ["SendID", "SubscriberKey", "EventDate", "EventType", *more])
    assert results(reply)
    for name in ["SendID", "SubscriberKey", "EventDate", *more]:
        assert any(getattr(row, name) for row in reply.Results), name


def test_a_property_that_there_is_not_is_refused_with_http_200(platform):
    reply = platform.retrieve("BounceEvent", ["SendID", "BounceReason"])
    wanted = "Error: The Request Property(s) BounceReason do not match with the fields of BounceEvent retrieve"
    assert reply.OverallStatus == wanted
    assert not results(reply)


def test_an_object_is_described(platform):
    request = platform.make("ObjectDefinitionRequest", ObjectType="BounceEvent")
    definitions = platform.service.Describe(DescribeRequests={"ObjectDefinitionRequest": [request]})
    properties = definitions["ObjectDefinition"] if "ObjectDefinition" in definitions else definitions
    retrievable = {one.Name for one in properties[0].Properties if one.IsRetrievable}
    assert {"SendID", "BounceCategory"} <= retrievable
    assert "BounceReason" not in retrievable


def test_a_subscriber_is_made_changed_and_removed(platform):
    name = key("ada")
    ada = platform.make("Subscriber", SubscriberKey=name, EmailAddress="ada@example.com")
    reply = platform.create(ada)
    assert (reply.OverallStatus, reply.Results[0].StatusMessage) == ("OK", "Created Subscriber.")
    again = platform.create(ada)
    assert (again.OverallStatus, again.Results[0].ErrorCode) == ("Error", 12014)
    assert platform.create(ada, upsert=True).OverallStatus == "OK"
    other = platform.make("Subscriber", SubscriberKey=key("bo"), EmailAddress="no address")
    mixed = platform.create(other, ada, upsert=True)
    assert [result.StatusCode for result in mixed.Results] == ["Error", "OK"]
    assert mixed.OverallStatus.startswith("Has Error")
    away = platform.service.Delete(Options=platform.make("DeleteOptions"), Objects=[ada])
    assert away.OverallStatus == "OK"
    found = platform.retrieve("Subscriber", ["Status"], platform.equals("SubscriberKey", name))
    assert not results(found)


def test_a_table_takes_a_row_and_an_import_tells_its_end(platform):
    name = key("t")
    assert platform.create(table(platform, name)).OverallStatus == "OK"
    row = platform.make(
        "DataExtensionObject",
        CustomerKey=name,
        Properties={"Property": [platform.make("APIProperty", Name="Email", Value="ada@example.com")]},
        Keys={"Key": [platform.make("APIProperty", Name="SubscriberKey", Value="ada")]},
    )
    save = platform.make("SaveOption", PropertyName="DataExtensionObject", SaveAction="UpdateAdd")
    options = platform.make("UpdateOptions", SaveOptions={"SaveOption": [save]})
    assert platform.service.Update(Options=options, Objects=[row]).OverallStatus == "OK"
    found = platform.retrieve(f"DataExtensionObject[{name}]", ["SubscriberKey", "Email"])
    assert [one.Value for one in found.Results[0].Properties.Property] == ["ada", "ada@example.com"]

    location = platform.make("FileTransferLocation", CustomerKey="ExactTarget Enhanced FTP")
    definition = platform.make(
        "ImportDefinition",
        CustomerKey=name,
        Name=name,
        AllowErrors=True,
        DestinationObject=platform.make("DataExtension", CustomerKey=name),
        FieldMappingType="InferFromColumnHeadings",
        FileSpec="not-there.csv",
        FileType="CSV",
        RetrieveFileTransferLocation=location,
        UpdateType="AddAndUpdate",
    )
    assert platform.create(definition).OverallStatus == "OK"
    started = platform.start(platform.make("ImportDefinition", CustomerKey=name))
    task = started.Results.Result[0].Task.ID
    where = platform.equals("TaskResultID", str(task))
    assert not results(platform.retrieve("ImportResultsSummary", ["ImportStatus"], where))
    deadline = time.monotonic() + 30
    status = None
    while status not in ("Completed", "Error") and time.monotonic() < deadline:
        time.sleep(0.5)
        rows = results(platform.retrieve("ImportResultsSummary", ["ImportStatus"], where))
        status = rows[0].ImportStatus if rows else None
    assert status == "Error"


def test_a_send_is_prepared_released_and_counted(platform):
    name = key("s")
    assert platform.create(table(platform, name)).OverallStatus == "OK"
    where = platform.equals("CustomerKey", name)
    object_id = platform.retrieve("DataExtension", ["ObjectID"], where).Results[0].ObjectID
    definition = platform.make(
        "EmailSendDefinition",
        CustomerKey=name,
        Name=name,
        SendClassification=platform.make("SendClassification", CustomerKey="Default Commercial"),
        SendDefinitionList=[
            platform.make(
                "SendDefinitionList",
                SendDefinitionListType="SourceList",
                CustomObjectID=object_id,
                DataSourceTypeID="CustomObject",
            )
        ],
        Email=platform.make("Email", ID=5501),
    )
    assert platform.create(definition).OverallStatus == "OK"
    assert platform.create(definition).OverallStatus == "Error"
    started = platform.start(platform.make("EmailSendDefinition", CustomerKey=name))
    job = started.Results.Result[0].Task.ID
    reply = platform.retrieve("Send", ["ID", "Status", "Email.ID"], platform.equals("ID", str(job)))
    assert (str(reply.Results[0].ID), reply.Results[0].Email.ID) == (str(job), 5501)


def test_an_opt_out_is_logged(platform):
    name = key("gone")
    platform.create(platform.make("Subscriber", SubscriberKey=name, EmailAddress="gone@example.com"))
    parameter = platform.make("APIProperty", Name="SubscriberKey", Value=name)
    request = platform.make("ExecuteRequest", Name="LogUnsubEvent", Parameters=[parameter])
    reply = platform.service.Execute(Requests=[request])
    assert reply.Results[0].StatusMessage == "Event posted"
    again = platform.service.Execute(Requests=[request])
    assert again.Results[0].ErrorCode == 12012


def test_the_platform_says_how_it_is(platform):
    reply = platform.service.GetSystemStatus(Options=platform.make("SystemStatusOptions"))
    assert reply.Results.Result[0].SystemStatus == "OK"


def test_a_wrong_password_is_a_fault_of_security(contracts, account, year):
    platform = Platform(contracts, account | {"password": "guess"}, year)
    with pytest.raises(zeep.exceptions.Fault) as raised:
        platform.retrieve("List", ["ID"])
    assert raised.value.message == "Login Failed"
    assert raised.value.code == "q0:Security"
