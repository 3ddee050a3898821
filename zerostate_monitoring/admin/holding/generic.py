"""Django's classes with parameters, for the type checker: at run time they take none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.contrib import admin

if TYPE_CHECKING:
    from zerostate_monitoring.models import Route, RouteStep

    AnyForm: TypeAlias = forms.ModelForm[Any]
    RouteModelForm: TypeAlias = forms.ModelForm[Route]
    StepModelForm: TypeAlias = forms.ModelForm[RouteStep]
    StepForms: TypeAlias = forms.BaseInlineFormSet[RouteStep, Route, StepModelForm]
    StepTable: TypeAlias = admin.TabularInline[RouteStep, Route]
else:
    AnyForm = RouteModelForm = StepModelForm = forms.ModelForm
    StepForms = forms.BaseInlineFormSet
    StepTable = admin.TabularInline
