//! HTTP: API Gateway's event in, its reply out.
//!
//! The events are invented after AWS's documented payload format 2.0.

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use platform::{Function, Invocation, Timestamp, http_function};
use serde_json::{Value, json};

fn invocation() -> Invocation {
    Invocation { request_id: "request-1".to_owned(), deadline: Timestamp::UNIX_EPOCH }
}

fn http_event(method: &str, path: &str, query: &str, body: Option<&str>) -> Value {
    json!({
        "version": "2.0",
        "routeKey": format!("{method} /v1/presses"),
        "rawPath": path,
        "rawQueryString": query,
        "cookies": ["a=1", "b=2"],
        "headers": { "content-type": "application/json", "x-twice": "1,2" },
        "requestContext": {
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "x" },
            "requestId": "gateway-1",
            "routeKey": format!("{method} /v1/presses"),
            "stage": "$default",
            "timeEpoch": 1_772_323_200_000_i64,
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

/// Answers what it was asked, with two cookies.
async fn echo(request: Request<Bytes>, _: Invocation) -> Response<Bytes> {
    let cookies = request.headers().get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = format!("{} {} [{cookies}] ", request.method(), request.uri());
    let body = [asked.as_bytes(), request.body()].concat();
    Response::builder()
        .status(StatusCode::ACCEPTED)
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .header(header::VARY, "Origin")
        .header(header::VARY, "Accept")
        .header(header::SET_COOKIE, "c=3")
        .header(header::SET_COOKIE, "d=4")
        .body(Bytes::from(body))
        .expect("the response is well formed")
}

async fn ask(function: &dyn Function, event: Value) -> Value {
    function.invoke(event, invocation()).await.expect("a reply")
}

#[tokio::test]
async fn a_request_reaches_the_handler_and_its_response_the_gateway() {
    let reply = ask(&http_function(echo), http_event("POST", "/v1/presses", "a=1&b=%20", Some("hello"))).await;
    assert_eq!(
        reply,
        json!({
            "statusCode": 202,
            "headers": { "content-type": "text/plain; charset=utf-8", "vary": "Origin, Accept" },
            "cookies": ["c=3", "d=4"],
            "body": "POST /v1/presses?a=1&b=%20 [a=1; b=2] hello",
            "isBase64Encoded": false,
        })
    );
}

#[tokio::test]
async fn bytes_that_are_not_text_travel_as_base64() {
    let mut event = http_event("POST", "/", "", Some("/wA="));
    event["isBase64Encoded"] = true.into();
    event["cookies"] = Value::Null;
    let reply = ask(&http_function(echo), event).await;
    assert_eq!(reply["isBase64Encoded"], true);
    assert_eq!(reply["body"], "UE9TVCAvIFtdIP8A", "POST / [] and the bytes ff 00");
}

/// RFC 9110, 9.3.2.
#[tokio::test]
async fn a_head_is_answered_without_the_body_of_the_get() {
    let reply = ask(&http_function(echo), http_event("HEAD", "/v1/presses", "", None)).await;
    assert_eq!((&reply["statusCode"], &reply["body"]), (&202.into(), &"".into()));
    assert_eq!(reply["headers"]["content-type"], "text/plain; charset=utf-8");
}

/// API Gateway decodes some escapes of the path.
#[tokio::test]
async fn a_decoded_path_is_encoded_again() {
    let reply = ask(&http_function(echo), http_event("GET", "/v1/a b/ä", "", None)).await;
    assert_eq!(reply["body"], "GET /v1/a%20b/%C3%A4 [a=1; b=2] ");
}

/// A4: 256 KiB is the most, in either encoding.
#[tokio::test]
async fn a_large_body_is_refused_without_asking_the_handler() {
    let function = http_function(async |_: Request<Bytes>, _: Invocation| -> Response<Bytes> {
        panic!("the handler is asked");
    });
    let mut event = http_event("POST", "/", "", Some(&"x".repeat(256 * 1024 + 1)));
    for is_base64 in [false, true] {
        event["isBase64Encoded"] = is_base64.into();
        if is_base64 {
            event["body"] = "A".repeat((256 * 1024 + 3) / 3 * 4).into();
        }
        let reply = ask(&function, event.clone()).await;
        assert_eq!(reply["statusCode"], 413);
        let body: Value = serde_json::from_str(reply["body"].as_str().expect("text")).expect("JSON");
        assert_eq!(
            (&body["code"], &body["error"]),
            (&"too-large".into(), &"the request's body is larger than 256 KiB".into())
        );
    }
    let largest = ask(&http_function(echo), http_event("POST", "/", "", Some(&"x".repeat(256 * 1024)))).await;
    assert_eq!(largest["statusCode"], 202);
}

/// A person gets a reference to give to us; what happened stays in the log.
#[tokio::test]
async fn errors_and_panics_are_answered_without_saying_what_happened() {
    let fails = http_function(async |_: Request<Bytes>, _: Invocation| -> Result<Response<Bytes>, String> {
        Err("password canary-77aa is wrong".to_owned())
    });
    let panics = http_function(async |_: Request<Bytes>, _: Invocation| -> Response<Bytes> {
        panic!("canary-77aa");
    });
    for function in [&fails as &dyn Function, &panics] {
        let reply = ask(function, http_event("GET", "/", "", None)).await;
        assert_eq!(reply["statusCode"], 500);
        assert_eq!(reply["headers"]["content-type"], "application/json");
        let body: Value = serde_json::from_str(reply["body"].as_str().expect("text")).expect("JSON");
        assert_eq!(
            body,
            json!({ "code": "internal", "error": "something went wrong on our side", "reference": "request-1" })
        );
    }
}
