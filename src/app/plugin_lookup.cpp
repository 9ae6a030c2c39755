// SPDX-License-Identifier: Apache-2.0
#include "app/plugin_lookup.hpp"

#include <gst/gst.h>

#include <filesystem>
#include <system_error>

#include "gstpp/ref.hpp"

namespace infinara::app {

void find_plugin() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  for (const char* place : {"../../plugins", PLUGIN_FOLDER}) {
    const auto folder = program.parent_path() / place;
    const auto factory = gstpp::Ref<GstElementFactory>::adopt(gst_element_factory_find("mooddj"));
    if (factory) return;
    if (std::filesystem::exists(folder / "libgstinfinara.so", ignored))
      gst_registry_scan_path(gst_registry_get(), folder.lexically_normal().c_str());
  }
}

}  // namespace infinara::app
