#include <fmt/format.h>

#include <memory>

#include "app/explore.h"
#include "cli/console.h"
#include "cli/page_server.h"
#include "cli/report_arguments.h"
#include "cli/verbs.h"

namespace wta::cli {
namespace {

// The page names its own script and style by their hashes as well; both policies hold.
constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src "
    "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr const char* kDataPolicy = "default-src 'none'; frame-ancestors 'none'";

int explore_now(const ReportVerb& verb, int port) {
  LiveReport report(verb, print_warning);
  PageServer server(port, {{.path = "/",
                            .content_type = "text/html; charset=utf-8",
                            .policy = kPagePolicy,
                            .content = [&report] { return report.page(); }},
                           {.path = "/metrics.json",
                            .content_type = "application/json",
                            .policy = kDataPolicy,
                            .content = [&report] { return report.status(); }}});
  catch_stop_signals();
  print_message("Ctrl-C ends it. The address works on this machine alone:");
  print_result(fmt::format("http://127.0.0.1:{}/", server.port()));
  server.serve([] { return stop_signal().load() != 0; });
  return exit_code_of_stop();
}

}  // namespace

Verb add_explore(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "explore", "The report in the browser, with training curves that go on while the run trains");
  struct Arguments {
    ReportArguments report;
    int port = 0;
  };
  const auto arguments = std::make_shared<Arguments>();
  arguments->report.add(*command);
  command->add_option("--port", arguments->port, "Port on 127.0.0.1; 0: a free one. {0..65535} [0]")
      ->check(CLI::Range(0, 65535))
      ->type_name("N");
  return {command, [arguments] { return explore_now(arguments->report.resolve(), arguments->port); }};
}

}  // namespace wta::cli
