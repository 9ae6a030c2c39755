// SPDX-License-Identifier: Apache-2.0
// Answers of a web server as building blocks: honest ones, and those that a client must survive.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>

#include "support/small_server.hpp"

namespace support {

/// "Wed, 21 Oct 2026 07:28:00 GMT".
std::string http_date(std::time_t when);
/// The last `digits` of `value` in small hexadecimal.
std::string hex(std::uint64_t value, int digits);

/// `text` as Python's json.dumps(ensure_ascii=False) writes it, with its quotes.
std::string in_quotes(std::string_view text);

HttpAnswer json_answer(int status, std::string body);
/// `{"detail":"why"}`, as FastAPI refuses.
HttpAnswer refused(int status, std::string_view why);
/// 500 as plain text, as uvicorn tells of an exception.
HttpAnswer text_error();
/// 40 kB of HTML, as a proxy answers in the place of the server.
HttpAnswer page(int status, const std::string& type = "text/html");
/// 302, without a body.
HttpAnswer redirect(const std::string& location);
HttpAnswer by_hand(std::function<void(Sender&)> hand);

/// 200 and no JSON.
HttpAnswer garbage();
/// 200 MB of JSON with a true Content-Length.
HttpAnswer huge_json();
/// JSON without a length and without an end.
HttpAnswer endless_json();
/// A million brackets.
HttpAnswer deep_json();
/// Header lines without an end.
HttpAnswer endless_headers();
/// 2 MB of gzip that claim to be 2 GB of `type`.
HttpAnswer gzip_bomb(const std::string& type);

/// `bytes` as they are, then the connection is closed.
HttpAnswer cut_after(std::string bytes);
/// `bytes` as they are, then nothing more on an open connection.
HttpAnswer silence_after(std::string bytes);
/// `head` as it is, then `body` with a pause after each byte.
HttpAnswer dripped(std::string head, std::string body, double seconds_per_byte);
/// `head` as it is, then `unit` over and over.
HttpAnswer endless(std::string head, const std::string& unit);

}  // namespace support
