// SPDX-License-Identifier: Apache-2.0
#include "http/pages.hpp"

#include <gio/gio.h>

#include <map>
#include <memory>

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
  if (name.ends_with(".flac")) return "audio/flac";
  return "application/octet-stream";
}

std::map<std::string, Page, std::less<>> all_pages() {
  std::map<std::string, Page, std::less<>> pages;
  GResource* resource = web_get_resource();
  char** names =
      g_resource_enumerate_children(resource, "/", G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr);
  for (char** name = names; *name != nullptr; ++name) {
    const std::string path = "/" + std::string(*name);
    // Not compressed, so the bytes are those of the program itself and stay when this is unref'd.
    const std::unique_ptr<GBytes, decltype(&g_bytes_unref)> bytes(
        g_resource_lookup_data(resource, path.c_str(), G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr),
        g_bytes_unref);
    gsize size = 0;
    const auto* data = static_cast<const char*>(g_bytes_get_data(bytes.get(), &size));
    const std::unique_ptr<char, decltype(&g_free)> hash(
        g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes.get()), g_free);
    pages[path == "/index.html" ? "/" : path] =
        Page{{data, size}, type_of(path), "\"" + std::string(hash.get(), 20) + "\""};
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

}  // namespace infinara::http
