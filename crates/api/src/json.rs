use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// An answer in JSON. It ends with a line break, as a shell and Docker's logs want it.
pub(crate) struct Json<T>(pub(crate) T);

/// What is answered, in one line.
pub(crate) fn line<T: Serialize>(answer: &T) -> String {
    // Answers have text keys and no writer that fails: nothing can go wrong.
    serde_json::to_string(answer).expect("an answer is always JSON")
}

// === impl Json ===

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let headers = [(CONTENT_TYPE, "application/json")];
        (headers, line(&self.0) + "\n").into_response()
    }
}
