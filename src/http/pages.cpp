// SPDX-License-Identifier: Apache-2.0
#include "http/pages.hpp"

#include <gio/gio.h>

#include <map>

#include "glibpp/ref.hpp"

extern "C" {  // generated as C
#include "web_resource.h"
}

namespace infinara::http {
namespace {

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  if (name.ends_with(".png")) return "image/png";
  if (name.ends_with(".flac")) return "audio/flac";
  if (name.ends_with(".json")) return "application/json";
  if (name.ends_with(".webmanifest")) return "application/manifest+json";
  return "application/octet-stream";
}

std::string gzip_of(std::string_view bytes) {
  const auto compressor =
      glibpp::Ref<GZlibCompressor>::adopt(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  std::string gzipped(bytes.size(), '\0');
  gsize read = 0, written = 0;
  const auto result =
      g_converter_convert(G_CONVERTER(compressor.get()), bytes.data(), bytes.size(), gzipped.data(),
                          gzipped.size(), G_CONVERTER_INPUT_AT_END, &read, &written, nullptr);
  if (result != G_CONVERTER_FINISHED) return "";  // no room: it is no shorter
  gzipped.resize(written);
  return gzipped;
}

Page page_of(std::string bytes, std::string_view type) {
  const glibpp::String hash(g_compute_checksum_for_string(G_CHECKSUM_SHA256, bytes.data(),
                                                          static_cast<gssize>(bytes.size())));
  std::string gzipped = gzip_of(bytes);
  return {std::move(bytes), std::move(gzipped), type, "\"" + std::string(hash.get(), 20) + "\""};
}

std::map<std::string, Page, std::less<>> all_pages() {
  std::map<std::string, Page, std::less<>> pages;
  GResource* resource = web_get_resource();
  char** names =
      g_resource_enumerate_children(resource, "/", G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr);
  for (char** name = names; *name != nullptr; ++name) {
    const std::string path = "/" + std::string(*name);
    const auto bytes = glibpp::Ref<GBytes>::adopt(
        g_resource_lookup_data(resource, path.c_str(), G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr));
    gsize size = 0;
    const auto* data = static_cast<const char*>(g_bytes_get_data(bytes, &size));
    pages[path == "/index.html" ? "/" : path] = page_of({data, size}, type_of(path));
  }
  g_strfreev(names);
  return pages;
}

}  // namespace

const Page* find_page(std::string_view path) {
  static const auto pages = all_pages();
  const auto found = pages.find(path);
  return found == pages.end() ? nullptr : &found->second;
}

Page page_at(const Page& page, std::string_view base) {
  static constexpr std::string_view kMark = "%BASE%";
  const glibpp::String escaped(g_markup_escape_text(std::string(base).c_str(), -1));
  std::string text = page.bytes;
  for (auto at = text.find(kMark); at != text.npos; at = text.find(kMark, at))
    text.replace(at, kMark.size(), escaped.get());
  return page_of(std::move(text), page.type);
}

}  // namespace infinara::http
