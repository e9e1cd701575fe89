"""Models of texts as estimators of scikit-learn: pipelines, cross-validation, grid search, pickles.

    from kerasseq.sklearn import KerasSeqClassifier
    cross_val_score(KerasSeqClassifier(encoder="gru", epochs=10), texts, labels)

Keras is imported with the first `fit` or `predict`.
"""

from kerasseq.sklearn.classifier import KerasSeqClassifier
from kerasseq.sklearn.regressor import KerasSeqRegressor

__all__ = ["KerasSeqClassifier", "KerasSeqRegressor"]
