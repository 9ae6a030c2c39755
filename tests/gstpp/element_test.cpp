// SPDX-License-Identifier: Apache-2.0
#include "gstpp/element.hpp"

#include <gst/base/gstpushsrc.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "gstpp/properties.hpp"
#include "gstpp/ref.hpp"

namespace {

int alive = 0;

enum class Mood { kCalm, kWild };

GType mood_type() {
  static const GEnumValue values[] = {{static_cast<int>(Mood::kCalm), "Calm", "calm"},
                                      {static_cast<int>(Mood::kWild), "Wild", "wild"},
                                      {0, nullptr, nullptr}};
  static const GType type = gstpp::enum_type("GstppTestMood", values);
  return type;
}

class Thrower {
 public:
  using Base = GstPushSrc;
  using BaseClass = GstPushSrcClass;
  static constexpr const char* kTypeName = "GstppTestThrower";
  static GType base_type() { return GST_TYPE_PUSH_SRC; }
  struct Settings {
    guint number = 7;
    double seconds = 1.5;
    double tempo = 0;
    bool loud = true;
    std::string genre = "jazz";
    Mood mood = Mood::kCalm;
  } settings;

  static void class_init(BaseClass* klass) {
    gst_element_class_add_pad_template(
        GST_ELEMENT_CLASS(klass),
        gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                             gstpp::Ref<GstCaps>::adopt(gst_caps_new_any())));
    gst_element_class_set_static_metadata(GST_ELEMENT_CLASS(klass), "Thrower", "Source", "Throws",
                                          "test");
    gstpp::bind<&Thrower::create>(klass->create);
    gstpp::Properties<Thrower>(klass)
        .number<&Settings::number>("number", "Number", "A number", 0, 10, gstpp::kPlaying)
        .number<&Settings::seconds>("seconds", "Seconds", "A time", 0, 10, gstpp::kPlaying)
        .judged_number<&Settings::tempo>("tempo", "Tempo", "A tempo", 0, 220, gstpp::kReady)
        .flag<&Settings::loud>("loud", "Loud", "A flag", gstpp::kReady)
        .text<&Settings::genre>("genre", "Genre", "A text", gstpp::kReady)
        .choice<&Settings::mood>("mood", "Mood", "A choice", mood_type(), gstpp::kReady)
        .read_choice<&Thrower::opposite>("opposite", "Opposite", "The other choice", mood_type())
        .read<&Thrower::changes>("changes", "Changes", "How often a property was set", 0, 99);
  }

  explicit Thrower(Base&) { ++alive; }
  ~Thrower() { --alive; }
  void changed(const char*) { ++changes_; }
  guint changes() const { return changes_; }
  Mood opposite() const { return settings.mood == Mood::kCalm ? Mood::kWild : Mood::kCalm; }

 private:
  GstFlowReturn create(GstBuffer**) { throw std::runtime_error("no tape"); }
  guint changes_ = 0;
};

gstpp::Ref<GstElement> make_thrower() {
  return gstpp::Ref<GstElement>::sink(
      GST_ELEMENT(g_object_new(gstpp::type_of<Thrower>(), nullptr)));
}

TEST(Element, LivesFromInitToFinalize) {
  ASSERT_EQ(alive, 0);
  {
    const auto element = make_thrower();
    EXPECT_EQ(alive, 1);
    EXPECT_EQ(G_OBJECT(element.get())->ref_count, 1u);
  }
  EXPECT_EQ(alive, 0);
}

TEST(Properties, HaveTheirDefaultsFromSettingsAndAreSet) {
  const auto element = make_thrower();
  guint number = 0;
  double seconds = 0;
  gboolean loud = FALSE;
  gchar* genre = nullptr;
  gint mood = -1;
  g_object_get(element, "number", &number, "seconds", &seconds, "loud", &loud, "genre", &genre,
               "mood", &mood, nullptr);
  const gstpp::String owned(genre);
  EXPECT_EQ(number, 7u);
  EXPECT_EQ(seconds, 1.5);
  EXPECT_TRUE(loud);
  EXPECT_STREQ(genre, "jazz");
  EXPECT_EQ(mood, 0);

  gint opposite = -1;
  g_object_get(element, "opposite", &opposite, nullptr);
  EXPECT_EQ(opposite, static_cast<gint>(Mood::kWild));
  gst_util_set_object_arg(G_OBJECT(element.get()), "mood", "wild");
  g_object_get(element, "opposite", &opposite, nullptr);
  EXPECT_EQ(opposite, static_cast<gint>(Mood::kCalm));
  g_object_set(element, "number", 9u, "genre", nullptr, nullptr);
  guint changes = 0;
  g_object_get(element, "number", &number, "mood", &mood, "changes", &changes, nullptr);
  EXPECT_EQ(number, 9u);
  EXPECT_EQ(mood, static_cast<gint>(Mood::kWild));
  EXPECT_EQ(changes, 3u);
  EXPECT_EQ(gstpp::impl_of<Thrower>(element.get()).settings.genre, "");
}

TEST(Properties, TellTheirRangesAndAJudgedOneTakesAnyValue) {
  const auto element = make_thrower();
  const auto spec_of = [&](const char* name) {
    return g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), name);
  };
  EXPECT_EQ(G_PARAM_SPEC_UINT(spec_of("changes"))->maximum, 99u);
  EXPECT_EQ(G_PARAM_SPEC_DOUBLE(spec_of("tempo"))->minimum, 0);
  EXPECT_EQ(G_PARAM_SPEC_DOUBLE(spec_of("tempo"))->maximum, 220);
  double tempo = 0;
  for (const double value : {-1.0, 1e300, std::numeric_limits<double>::infinity()}) {
    g_object_set(element, "tempo", value, nullptr);
    g_object_get(element, "tempo", &tempo, nullptr);
    EXPECT_EQ(tempo, value);
  }
  g_object_set(element, "tempo", std::nan(""), nullptr);
  g_object_get(element, "tempo", &tempo, nullptr);
  EXPECT_TRUE(std::isnan(tempo));
}

TEST(Element, AnExceptionBecomesAnElementError) {
  const auto pipeline = gstpp::Ref<GstElement>::sink(gst_pipeline_new(nullptr));
  GstElement* source = GST_ELEMENT(g_object_new(gstpp::type_of<Thrower>(), nullptr));
  GstElement* sink = gst_element_factory_make("fakesink", nullptr);
  gst_bin_add_many(GST_BIN(pipeline.get()), source, sink, nullptr);
  ASSERT_TRUE(gst_element_link(source, sink));
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const auto bus = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  const auto message = gstpp::Ref<GstMessage>::adopt(
      gst_bus_timed_pop_filtered(bus, 10 * GST_SECOND, GST_MESSAGE_ERROR));
  ASSERT_TRUE(message);
  gchar* debug = nullptr;
  gstpp::Error error;
  gst_message_parse_error(message, error.out(), &debug);
  EXPECT_NE(std::string(gstpp::String(debug).get()).find("no tape"), std::string::npos);
  gst_element_set_state(pipeline, GST_STATE_NULL);
}

TEST(Ref, CountsWhatItSays) {
  gstpp::Ref<GstBuffer> adopted = gstpp::Ref<GstBuffer>::adopt(gst_buffer_new());
  EXPECT_EQ(GST_MINI_OBJECT_REFCOUNT_VALUE(adopted.get()), 1);
  const gstpp::Ref<GstBuffer> shared = adopted;
  EXPECT_EQ(GST_MINI_OBJECT_REFCOUNT_VALUE(adopted.get()), 2);
  GstBuffer* taken = adopted.release();
  EXPECT_FALSE(adopted);
  gst_buffer_unref(taken);
  EXPECT_EQ(GST_MINI_OBJECT_REFCOUNT_VALUE(shared.get()), 1);
}

}  // namespace
