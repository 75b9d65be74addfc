#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/classify.h"
#include "app/codes.h"
#include "app/info.h"
#include "app/maps.h"
#include "app/train.h"
#include "cli/console.h"
#include "cli/option_flags.h"
#include "cli/train_arguments.h"
#include "cli/verbs.h"
#include "eval/dictionary.h"
#include "wta/error.h"
#include "wta/model.h"

namespace wta::cli {
namespace {

using nlohmann::ordered_json;

void add_run(CLI::App& command, std::filesystem::path& run) {
  command.add_option("run", run, "Run folder or model file")->required()->type_name("RUN");
}

void add_stage(CLI::App& command, std::int64_t& stage) {
  command.add_option("--stage", stage, "Of a stack: this one, counted from 1. {>= 1} [1]")
      ->check(CLI::Range(1, 1000000))
      ->type_name("N");
}

// --data, --label-file, --split and --out of the verbs that read samples and write a file.
template <class VerbOptions>
void add_data_and_out(CLI::App& command, VerbOptions& verb, const std::string& out_help) {
  add_run(command, verb.run);
  command.add_option("--data", verb.data.data, "Name or path of the data")
      ->required()
      ->type_name("NAME|PATH");
  command.add_option("--split", verb.split, "Part of data that has both")
      ->check(CLI::IsMember({"train", "test"}).description(""))
      ->type_name("train|test");
  command.add_option("--out", verb.out, out_help)->required()->type_name("FILE");
  command.add_option("--threads", verb.threads, "Worker threads; 0 means all processors")
      ->check(CLI::Range(0, 1024))
      ->type_name("N");
}

// A signal ends the work before its file has appeared.
template <class VerbOptions>
const VerbOptions& stoppable(VerbOptions& verb) {
  catch_stop_signals();
  verb.stop = &stop_signal();
  return verb;
}

template <class Options>
void apply(const OptionFlags& flags, Options& options) {
  for (const auto& [name, value] : flags.given()) set_option(options, name, value);
}

ordered_json to_json(const ClassifyReport& report) {
  return {{"test_error_percent", report.test_error_percent},
          {"test_error_std", report.test_error_std},
          {"train_error_percent", report.train_error_percent},
          {"C", report.C},
          {"code_scale", report.code_scale},
          {"n_train", report.n_train},
          {"n_test", report.n_test},
          {"n_features", report.n_features},
          {"subsets", report.subsets},
          {"seconds", report.seconds}};
}

void print_classification(const ClassifyVerb& verb, const ClassifyReport& report) {
  const std::string spread =
      report.subsets > 1 ? fmt::format(" +- {:.2f} over {} subsets", report.test_error_std, report.subsets)
                         : std::string();
  print_result(fmt::format("test error   {:.2f}%{} ({} samples, linear SVM on {} {} of {} labelled samples)",
                           report.test_error_percent, spread, report.n_test, report.n_features,
                           verb.features == "raw" ? "raw values" : "codes", report.n_train));
  print_result(fmt::format("train error  {:.2f}%   C {:g}   {:.1f} s", report.train_error_percent, report.C,
                           report.seconds));
  if (report.saved)
    print_result(fmt::format("next         wta predict {} --data PATH --out labels.csv", verb.run.string()));
}

int classify_now(ClassifyVerb verb, const OptionFlags& flags, bool json) {
  apply(flags, verb);
  catch_stop_signals();
  try {
    const ClassifyReport report = run_classify(
        verb, {.on_iteration = watch_classifier(), .on_warning = print_warning, .stop = &stop_signal()});
    if (messages_on_terminal()) std::fputs("\r\033[K", stderr);
    if (json) {
      print_result(to_json(report).dump(2));
    } else {
      print_classification(verb, report);
    }
    return kOk;
  } catch (const Interrupted&) {
    print_message("stopped; no classifier was written");
    return exit_code_of_stop();
  }
}

ordered_json stage_info(const Stage& stage) {
  const TrainingSummary& summary = stage.summary;
  const DictionaryStatistics dictionary = dictionary_statistics(stage);
  return {{"model", stage.options.at("model")},
          {"arch", stage.options.at("arch")},
          {"activation", stage.options.at("activation")},
          {"sample_shape", stage.sample_shape},
          {"code_shape", stage.code_shape()},
          {"tied", stage.network.tied()},
          {"lifetime", to_string(stage.network.lifetime)},
          {"spatial", stage.network.spatial},
          {"epochs", summary.epochs},
          {"steps", summary.steps},
          {"seed", stage.options.contains("seed") ? std::stoll(stage.options.at("seed")) : 0},
          {"loss", summary.loss},
          {"explained_variance", summary.explained_variance},
          {"active_fraction", summary.active_fraction},
          {"dead_units", summary.dead_units},
          {"atom_delta_median", dictionary.atom_delta_median},
          {"filter_delta_median", dictionary.filter_delta_median},
          {"data_fingerprint", stage.data_fingerprint},
          {"options", stage.options}};
}

// The top stage's figures, and those of every stage where there are several.
int info_now(const std::filesystem::path& run, bool json) {
  const Model model = load_model(run);
  ordered_json info = stage_info(model.top());
  info["parameters"] = parameter_count(model);
  info["class_names"] = model.class_names;
  if (model.stages.size() > 1) {
    info["stages"] = ordered_json::array();
    for (const Stage& stage : model.stages) info["stages"].push_back(stage_info(stage));
  }
  if (json) {
    print_result(info.dump(2));
    return kOk;
  }
  for (const auto& [name, value] : info.items()) {
    print_result(fmt::format("{:<20} {}", name, value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return kOk;
}

// In a cell of a Markdown table, where a bar ends the cell and stars are emphasis.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    if (letter == '|' || letter == '*') escaped += '\\';
    escaped += letter;
  }
  return escaped;
}

}  // namespace

Verb add_encode(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("encode", "Codes of samples (sparsity off) to .npy, or .npz as scipy CSR");
  const auto verb = std::make_shared<EncodeVerb>();
  add_data_and_out(*command, *verb, "codes.npy or codes.npz");
  command->add_option("--stages", verb->stages, "Of a stack: top (default), all, or a stage counted from 1")
      ->type_name("top|all|N");
  return {command, [verb] {
            const EncodeReport report = run_encode(stoppable(*verb));
            print_result(fmt::format("{} codes of {} features, {:.1f}% active: {}", report.samples,
                                     report.features, 100 * report.active_fraction, verb->out.string()));
            return kOk;
          }};
}

Verb add_classify(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("classify", "Linear SVM on the codes: error, and a classifier for predict");
  struct Arguments {
    ClassifyVerb verb;
    OptionFlags flags;
    bool json = false;
  };
  const auto arguments = std::make_shared<Arguments>();
  add_run(*command, arguments->verb.run);
  arguments->flags.add(*command, describe(ClassifyVerb{}));
  command->add_option("--data", arguments->verb.data.data, "Name or path; default: the data of the run")
      ->type_name("NAME|PATH");
  command->add_option("--label-file", arguments->verb.data.label_file, "CSV with labels")
      ->type_name("FILE.csv");
  command->add_flag("--json", arguments->json, "Print one JSON object");
  return {command, [arguments] { return classify_now(arguments->verb, arguments->flags, arguments->json); }};
}

Verb add_predict(CLI::App& app) {
  CLI::App* command = app.add_subcommand("predict", "Class of every sample to a CSV file (after classify)");
  const auto verb = std::make_shared<PredictVerb>();
  add_data_and_out(*command, *verb, "labels.csv");
  return {command, [verb] {
            const PredictReport report = run_predict(stoppable(*verb));
            print_result(fmt::format("{} predictions: {}", report.samples, verb->out.string()));
            if (report.error_percent)
              print_result(fmt::format("error against the data's own labels {:.2f}%", *report.error_percent));
            return kOk;
          }};
}

Verb add_reconstruct(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("reconstruct", "Decode codes above their thresholds: picture or array");
  const auto verb = std::make_shared<ReconstructVerb>();
  add_data_and_out(*command, *verb, "picture.png (first 20, inputs above) or array.npy");
  return {command, [verb] {
            const ReconstructReport report = run_reconstruct(stoppable(*verb));
            print_result(fmt::format("explained variance {:.3f} over {} samples: {}",
                                     report.explained_variance, report.samples, verb->out.string()));
            return kOk;
          }};
}

Verb add_filters(CLI::App& app) {
  CLI::App* command = app.add_subcommand("filters", "Picture of the atoms, most used first");
  struct Arguments {
    std::filesystem::path run;
    std::filesystem::path out;
    std::int64_t count = 1024;
    std::int64_t stage = 1;
  };
  const auto arguments = std::make_shared<Arguments>();
  add_run(*command, arguments->run);
  command->add_option("--out", arguments->out, "filters.png")->required()->type_name("FILE");
  command
      ->add_option("--count", arguments->count,
                   "At most so many atoms, the most used ones. {1..1000000} [1024]")
      ->check(CLI::Range(1, 1000000))
      ->type_name("N");
  add_stage(*command, arguments->stage);
  return {command, [arguments] {
            run_filters(arguments->run, arguments->out, arguments->count, arguments->stage);
            print_result(arguments->out.string());
            return kOk;
          }};
}

Verb add_maps(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "maps", "Picture of one sample's feature maps: atoms, in training, with sparsity off, pooled");
  const auto verb = std::make_shared<MapsVerb>();
  add_data_and_out(*command, *verb, "maps.png");
  command->add_option("--index", verb->index, "Which sample, counted from 0. {>= 0} [0]")->type_name("N");
  command->add_option("--count", verb->count, "At most so many maps, the most used ones. {1..1000} [16]")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  add_stage(*command, verb->stage);
  return {command, [verb] {
            run_maps(*verb);
            print_result(verb->out.string());
            return kOk;
          }};
}

Verb add_info(CLI::App& app) {
  CLI::App* command = app.add_subcommand("info", "What a model is and how its training ended");
  struct Arguments {
    std::filesystem::path run;
    bool json = false;
  };
  const auto arguments = std::make_shared<Arguments>();
  add_run(*command, arguments->run);
  command->add_flag("--json", arguments->json, "Print one JSON object");
  return {command, [arguments] { return info_now(arguments->run, arguments->json); }};
}

Verb add_verify(CLI::App& app) {
  CLI::App* command = app.add_subcommand("verify", "Check a model file against every rule of its format");
  const auto run = std::make_shared<std::filesystem::path>();
  add_run(*command, *run);
  return {command, [run] {
            const VerifyReport report = run_verify(*run);
            print_result(fmt::format("ok: {} tensors{}, sha256 {}", report.tensors,
                                     report.classifier ? " and a classifier" : "", report.sha256));
            return kOk;
          }};
}

Verb add_options(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("options", "Every training option with its default, as a Markdown table");
  return {
      command, [] {
        print_result("| option | default | range | decides | what it is |\n| --- | --- | --- | --- | --- |");
        for (const OptionText& option : describe(TrainVerb{})) {
          print_result(fmt::format(
              "| `{}` | {} | {} | {} | {}{} |", option.info.name,
              option.value.empty() ? "" : fmt::format("`{}`", option.value), cell(option.info.range),
              option.info.effect == Effect::result ? "result" : "run", cell(option.info.help),
              option.info.source.empty() ? "" : fmt::format(" Source: {}.", option.info.source)));
        }
        return kOk;
      }};
}

}  // namespace wta::cli
