//! GetCallerIdentity is XML; every other action is refused by name.

use super::{answer, error};
use crate::context::{Caller, Context};
use http_body_util::BodyExt;

fn context() -> Context {
    Context { request_id: "id".into(), ..Context::new("eu-west-1", &"123456789012".into()) }
}

async fn text(response: http::Response<crate::Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn sts_1_identity_of_a_user_is_its_arn() {
    let caller = Caller::User { access_key: "AKID".into(), name: "ana".into() };
    let response = answer(&Context { caller, ..context() }, b"Action=GetCallerIdentity&Version=2011-06-15").unwrap();
    assert_eq!(response.headers()["content-type"], "text/xml");
    assert_eq!(
        text(response).await,
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::123456789012:user/ana</Arn><UserId>AKID</UserId><Account>123456789012</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    );
}

#[tokio::test]
async fn other_action_is_refused_by_name() {
    let failure = answer(&context(), b"Version=2011-06-15&Action=AssumeRole").unwrap_err();
    let response = error(&context(), &failure);
    assert_eq!(response.status(), 400);
    let text = text(response).await;
    assert!(text.contains("<Code>InvalidAction</Code>"), "{text}");
    assert!(text.contains("The operation sts:AssumeRole is not implemented"), "{text}");
}
