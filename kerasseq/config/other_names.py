"""What others call our settings: in papers, in Keras, PyTorch, scikit-learn and transformers."""

from __future__ import annotations

from collections.abc import Collection
from difflib import SequenceMatcher

from kerasseq.registry.components import closest

__all__ = ["meant_key", "meant_section", "our_name"]

MISSPELT = 0.75
"""Likeness above which a key is ours."""

_KEYS = {
    "training.learning_rate": "lr eta step_size alpha learning_rate_init",
    "training.weight_decay": "decay wd l2 regularization regularisation weight_regularization",
    "training.batch_size": "batch batchsize bs mini_batch minibatch minibatch_size per_device_train_batch_size",
    "training.epochs": "epoch n_epochs num_epochs num_train_epochs max_epochs nb_epoch max_iter iterations",
    "training.optimizer": "optimiser solver algorithm optim",
    "training.momentum": "beta beta_1 betas",
    "training.global_clipnorm": "clip clipnorm clip_norm clipvalue grad_clip gradient_clip gradient_clipping "
    "max_grad_norm clip_grad_norm",
    "training.accumulate": "gradient_accumulation gradient_accumulation_steps accumulation accum_steps",
    "training.schedule": "scheduler lr_scheduler lr_schedule lr_scheduler_type learning_rate_schedule "
    "learning_rate_scheduler learningratescheduler annealing cosine cosineannealinglr cosinedecay cosine_decay "
    "cosine_annealing onecyclelr onecycle one_cycle cycliclr linearlr lambdalr slanted_triangular stlr",
    "training.warmup_steps": "warmup warm_up num_warmup_steps warmup_ratio pct_start",
    "training.averaging": "ema swa moving_average use_ema ema_decay",
    "training.stopping_patience": "patience early_stopping early_stopping_patience n_iter_no_change",
    "training.plateau_patience": "lr_patience reduce_on_plateau reducelronplateau scheduler_patience",
    "training.plateau_factor": "lr_factor lr_decay factor gamma",
    "training.minimum_learning_rate": "min_lr min_learning_rate eta_min",
    "training.minimum_delta": "min_delta tol tolerance threshold",
    "training.watch": "monitor metric metric_for_best_model",
    "training.restore_best": "restore_best_weights load_best_model_at_end save_best_only",
    "encoder.units": "hidden_size hidden hidden_units hidden_dim hidden_dims num_units n_units rnn_units cell_size "
    "state_size num_hidden n_hidden size width nodes neurons",
    "encoder.layers": "num_layers n_layers layer depth nlayers hidden_layers num_hidden_layers stack",
    "encoder.bidirectional": "bidir bi birnn direction both_directions",
    "encoder.normalisation": "normalization norm batch_norm",
    "encoder.dropout": "dropout_rate dropout_prob drop drop_rate p rate hidden_dropout",
    "encoder.recurrent_dropout": "variational_dropout",
    "embedding.dimension": "dim dims embedding_dim embedding_size embed_dim emb_dim embedding_dimension output_dim "
    "vector_size d_model",
    "embedding.path": "vectors embeddings_file weights glove word2vec fasttext",
    "embedding.trainable": "freeze frozen finetune fine_tune",
    "tokenizer.max_length": "max_len maxlen max_seq_len max_seq_length seq_len sequence_length max_tokens "
    "max_sequence_length length",
    "tokenizer.vocabulary_size": "vocab_size vocab max_features num_words max_words max_vocab max_vocab_size",
    "tokenizer.min_frequency": "min_freq min_count min_df",
    "dataset.train": "file path filename data data_path train_file train_path training train_data train_data_path csv",
    "dataset.validation": "valid val dev eval validation_file val_file valid_file dev_file valid_path val_path",
    "dataset.test": "test_file test_path test_data",
    "dataset.text": "text_column texts input inputs x column sentence document feature features input_column",
    "dataset.text_2": "text_pair text2 text_b sentence2 second",
    "dataset.target": "y output outputs target_column label_column labels class classes score targets",
    "dataset.group": "groups group_column group_by",
    "dataset.weight": "sample_weight weights sample_weights",
    "dataset.delimiter": "sep separator",
    "dataset.encoding": "charset codec",
    "dataset.on_bad_row": "errors on_bad_lines on_error bad_rows",
    "split.test": "test_size test_ratio test_fraction test_split",
    "split.validation": "val_size valid_size validation_size validation_split val_ratio dev_size",
    "split.folds": "k n_splits n_folds cv kfold k_folds num_folds",
    "split.stratify": "stratified balanced",
    "evaluation.resamples": "bootstrap n_boot bootstraps n_bootstrap n_resamples bootstrap_samples",
    "evaluation.confidence": "confidence_level ci level",
    "search.temperature": "temp",
    "search.top_k": "topk k",
    "search.top_p": "topp p nucleus",
    "search.min_p": "minp",
    "search.repetition_penalty": "rep_pen repeat_penalty repetition",
    "search.width": "num_beams beams beam_size beam_width beam",
    "search.n_best": "nbest num_return_sequences",
    "search.length_normalisation": "length_penalty length_normalization",
    "search.coverage": "coverage_penalty",
    "task.class_weights": "class_weight weights balance",
    "task.label_smoothing": "smoothing_labels soften",
    "task.loss": "loss_function criterion objective",
    "task.range": "bounds limits min_max",
    "seed": "random_seed random_state rng manual_seed",
    "backend": "framework engine device keras_backend",
    "precision": "dtype mixed_precision fp16 bf16 float_type floatx",
    "name": "type kind id component class_name title experiment",
}
"""Ours -> others, with spaces between."""

_SECTIONS = {
    "dataset": "data datasets corpus input",
    "preprocessor": "preprocessing preprocess preprocessors clean cleaning normalisation normalization",
    "tokenizer": "tokenizers tokeniser tokenization vectorizer text_vectorization vocabulary",
    "embedding": "embeddings embed word_vectors vectors",
    "encoder": "model network rnn lstm gru recurrent architecture layers",
    "pooler": "pool pooling attention aggregation",
    "decoder": "generator_network decoder_rnn attention_decoder",
    "task": "head output target problem objective",
    "training": "train trainer optimizer optimiser fit hyperparameters optimization scheduler lr_scheduler",
    "search": "generation generate generator decoding sampler sampling beam_search",
    "evaluation": "eval evaluate test metrics",
    "split": "splits splitting cross_validation",
    "exporter": "export exporters deployment onnx",
    "tracker": "trackers tracking logger loggers logging mlflow tensorboard wandb",
}


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _paths(key: str) -> list[str]:
    """The settings that others call `key`, each as `section.key`."""
    return [path for path, others in _KEYS.items() if _plain(key) in others.split()]


def our_name(key: str, fields: Collection[str]) -> str:
    """The one of `fields` that others call `key`, or nothing.

    >>> our_name("lr", ["learning_rate", "epochs"]), our_name("hidden-size", ["units"]), our_name("lr", ["units"])
    ('learning_rate', 'units', '')
    """
    return next((own for path in _paths(key) if (own := path.rpartition(".")[2]) in fields), "")


def meant_key(key: str, fields: Collection[str], elsewhere: Collection[str]) -> str:
    """The setting that an unknown key was meant to be.

    Args:
        key: As it is written.
        fields: Of its section.
        elsewhere: Settings of other sections, as `section.key`.

    Returns:
        A key of the section, or one elsewhere with its section; nothing where none is like it.
    """
    like = closest(key, fields)
    own = our_name(key, fields) or (like if _alike(key, like) else "")
    if own:
        return own
    same = [path for path in elsewhere if path.rpartition(".")[2] == key]
    others = _paths(key) if len(key) > 1 else []  # a letter alone says little
    return next(iter([*same, *others]), like)


def _alike(key: str, like: str) -> bool:
    """Whether a key is one of ours misspelt, rather than another's."""
    return SequenceMatcher(None, _plain(key), like).ratio() > MISSPELT


def meant_section(name: str) -> str:
    """The section that others call `name`, or nothing."""
    return next((ours for ours, others in _SECTIONS.items() if _plain(name) in others.split()), "")
