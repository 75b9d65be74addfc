#include "app/info.h"

#include "app/pictures.h"
#include "app/run_folder.h"
#include "io/sha256.h"
#include "model/model_file.h"
#include "wta/classifier.h"

namespace wta {

void run_filters(const std::filesystem::path& run, const std::filesystem::path& out, std::int64_t count,
                 std::int64_t stage) {
  draw_filters(out, load_model(run), count, stage - 1);
}

VerifyReport run_verify(const std::filesystem::path& run) {
  (void)load_model(run);
  const bool folder = std::filesystem::is_directory(run);
  const std::filesystem::path file = folder ? RunFolder{run}.model() : run;
  VerifyReport report;
  report.tensors = static_cast<std::int64_t>(read_safetensors(file).tensors.size());
  report.sha256 = sha256_of_file(file);
  report.classifier = folder && std::filesystem::exists(RunFolder{run}.classifier());
  if (report.classifier) (void)load_classifier(RunFolder{run}.classifier());
  return report;
}

}  // namespace wta
