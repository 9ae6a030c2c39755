// SPDX-License-Identifier: Apache-2.0
// A Request as a request over HTTP, and what comes back as a Response; no I/O.
#pragma once

#include <string>

#include "remote/acestep/order_book.hpp"
#include "remote/http.hpp"

namespace infinara::remote {

/// `base` is the server's URL. To fetch a file, the caller makes sure that it is on the server
/// (audio_target), and adds a sink.
HttpRequest request_of(const Request& ask, const std::string& base);

Response response_of(const Request& ask, Result<HttpAnswer> answer);

/// A server may repeat our key in what it says, which goes to the log and the API.
void hide(Response& reply, const std::string& key);

}  // namespace infinara::remote
