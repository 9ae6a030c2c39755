// SPDX-License-Identifier: Apache-2.0
// An Request as a request over HTTP, and what comes back as a Response; no I/O.
#pragma once

#include <string>

#include "remote/http.hpp"
#include "remote/order_book.hpp"

namespace infinara::remote {

/// `base` is the server's URL. Who fetches has a sink to add, and has made sure that the file is on
/// the server (audio_target).
HttpRequest request_of(const Request& ask, const std::string& base);

Response response_of(const Request& ask, Result<HttpAnswer> answer);

/// A server may repeat our key in what it says, which goes to the log and to strangers.
void hide(Response& reply, const std::string& key);

}  // namespace infinara::remote
