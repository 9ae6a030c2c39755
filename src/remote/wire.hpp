// SPDX-License-Identifier: Apache-2.0
// An Ask as a request over HTTP, and what comes back as a Reply; no I/O.
#pragma once

#include <string>

#include "remote/acestep.hpp"
#include "remote/http.hpp"

namespace infinara::remote {

/// `base` is the server's URL. Who fetches has a sink to add, and has made sure that the file is on
/// the server (audio_target).
HttpRequest request_of(const Ask& ask, const std::string& base);

Reply reply_of(const Ask& ask, Result<HttpAnswer> answer);

/// A server may repeat our key in what it says, which goes to the log and to strangers.
void hide(Reply& reply, const std::string& key);

}  // namespace infinara::remote
