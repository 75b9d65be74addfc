"""Learns features of the built-in digits without labels, draws them, and classifies from 500 labels."""

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

import wta

digits = wta.datasets.load("digits")
features = wta.ConvWTA("8conv5-8conv5-8deconv11", epochs=1, scale_codes=True).fit(digits.x_train[:5000])
print("explained variance", round(features.score(digits.x_test[:1000]), 3))

classifier = make_pipeline(FrozenEstimator(features), LinearSVC())
classifier.fit(digits.x_train[:500], digits.y_train[:500])
print("accuracy", classifier.score(digits.x_test[:1000], digits.y_test[:1000]))

features.plot_filters().figure.savefig("filters.png")
