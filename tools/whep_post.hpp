// SPDX-License-Identifier: Apache-2.0
// The offer of a WebRTC listener, sent to a station.
#pragma once

#include <libsoup/soup.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "glibpp/ref.hpp"

/// POSTs `sdp` to `url`. `answered` gets the response and its body, on the default main context.
inline void post_offer(const std::string& url, const std::string& sdp,
                       std::function<void(SoupMessage*, std::string_view)> answered) {
  using glibpp::Ref;
  struct Asked {
    Ref<SoupMessage> message;
    std::function<void(SoupMessage*, std::string_view)> answered;
  };
  const auto session = Ref<SoupSession>::adopt(soup_session_new());
  const auto message = Ref<SoupMessage>::adopt(soup_message_new("POST", url.c_str()));
  const auto body = Ref<GBytes>::adopt(g_bytes_new(sdp.data(), sdp.size()));
  soup_message_set_request_body_from_bytes(message, "application/sdp", body);
  soup_session_send_and_read_async(
      session, message, G_PRIORITY_DEFAULT, nullptr,
      [](GObject* session, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<Asked> asked(static_cast<Asked*>(data));
        const auto bytes = Ref<GBytes>::adopt(
            soup_session_send_and_read_finish(SOUP_SESSION(session), result, nullptr));
        gsize size = 0;
        const auto* text =
            bytes ? static_cast<const char*>(g_bytes_get_data(bytes, &size)) : nullptr;
        asked->answered(asked->message, {text, size});
      },
      new Asked{message, std::move(answered)});
}
