// SPDX-License-Identifier: Apache-2.0
// URIs of the elements that take one: acestep://, acesteps://, houseband:// and radio://.
#include <gst/gst.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "elements.hpp"
#include "fuzz.hpp"
#include "text/ascii.hpp"
#include "text/query.hpp"
#include "text/utf8.hpp"

namespace {

using infinara::fuzz::require;

GstURIHandler* handler_of(const char* element) {
  GstElement* made = gst_element_factory_make(element, nullptr);
  require(made != nullptr, "the element is there");
  gst_object_ref_sink(made);
  return GST_URI_HANDLER(made);
}

/// The element for a scheme, or null.
GstURIHandler* handler_for(std::string_view scheme) {
  static const bool ready = [] {
    setenv("GST_REGISTRY_DISABLE", "yes", 1);
    setenv("GST_REGISTRY_FORK", "no", 1);
    setenv("GST_PLUGIN_SYSTEM_PATH", "", 1);
    setenv("GST_PLUGIN_PATH", "", 1);
    gst_init(nullptr, nullptr);
    return infinara::register_acestepsrc(nullptr) && infinara::register_housebandsrc(nullptr) &&
           infinara::register_mooddj(nullptr);
  }();
  require(ready, "the elements are registered");
  static GstURIHandler* const acestep = handler_of("acestepsrc");
  static GstURIHandler* const houseband = handler_of("housebandsrc");
  static GstURIHandler* const radio = handler_of("mooddj");
  if (scheme == "acestep" || scheme == "acesteps") return acestep;
  if (scheme == "houseband") return houseband;
  return scheme == "radio" ? radio : nullptr;
}

std::string uri_of(GstURIHandler* handler) {
  const std::unique_ptr<char, decltype(&g_free)> text(gst_uri_handler_get_uri(handler), g_free);
  return text != nullptr ? text.get() : "";
}

/// Empty if the URI is taken, else why it is not.
std::string refusal_of(GstURIHandler* handler, const std::string& uri) {
  GError* error = nullptr;
  const bool taken = gst_uri_handler_set_uri(handler, uri.c_str(), &error) != FALSE;
  require(taken == (error == nullptr), "there is an error exactly if the URI is refused");
  std::string why = error != nullptr ? error->message : "";
  g_clear_error(&error);
  require(taken || !why.empty(), "a refusal has a reason");
  return why;
}

void check_query(std::string_view text) {
  const auto query = infinara::text::split_uri(text).query.value_or("");
  const auto items = infinara::text::parse_query(query);
  if (!items) return;
  const auto same = infinara::text::parse_query(infinara::text::print_query(*items));
  require(same && *same == *items, "printing changes no query");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(infinara::fuzz::text_of(data, size));
  check_query(text);
  GstURIHandler* handler = handler_for(text.substr(0, text.find(':')));
  if (handler == nullptr || !gst_uri_is_valid(text.c_str())) return 0;
  const std::string before = uri_of(handler);
  const std::string why = refusal_of(handler, text);
  if (!why.empty()) {
    require(infinara::text::is_utf8(why) && why.size() < 1000 &&
                std::ranges::none_of(why, infinara::text::is_control),
            "a refusal is one bounded line");
    require(uri_of(handler) == before, "a refused URI changes nothing");
    return 0;
  }
  const std::string now = uri_of(handler);
  require(refusal_of(handler, now).empty(), "what is printed can be read");
  require(uri_of(handler) == now, "printing changes nothing");
  return 0;
}
